"""`python -m xray`: the command line."""

import sys

from .cli import main

if __name__ == "__main__":  # not in processes that are started from here
    sys.exit(main())
