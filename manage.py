#!/usr/bin/env python
"""Django's command line, pointed at Lastmile's settings."""

import os
import sys


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lastmile.settings")
    from lastmile.command_line import run

    run(sys.argv)


if __name__ == "__main__":
    main()
