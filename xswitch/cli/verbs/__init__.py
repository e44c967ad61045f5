"""The verbs, described by theme: what parsing and `--help` are made from."""
