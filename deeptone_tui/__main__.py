"""``python -m deeptone_tui``, for where the script is not on the path."""

import sys

from deeptone_tui.cli import main

if __name__ == "__main__":
    sys.exit(main())
