"""Running programs under a profile."""
