"""The config and the credentials file: what stands in them, and where."""
