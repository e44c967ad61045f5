"""Temporary credentials: where they are cached, when they end, and obtaining new ones."""
