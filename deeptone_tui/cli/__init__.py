"""The command line. Nothing heavy is imported before it is known what was asked for."""

from deeptone_tui.cli.entry import main

__all__ = ["main"]
