"""`python -m xswitch`."""

import sys

from xswitch.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
