"""The user's own settings: what can be set, the TOML file that it stands in, and writing it losslessly."""
