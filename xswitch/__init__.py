"""xswitch: a terminal switcher for AWS profiles."""

__version__ = "0.1.0"
