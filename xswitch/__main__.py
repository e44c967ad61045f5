"""`python -m xswitch`."""

from xswitch.cli.main import entry

if __name__ == "__main__":
    entry()
