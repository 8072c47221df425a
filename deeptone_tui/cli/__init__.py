"""The command line. Heavy modules are imported only once the command is known."""

import sys

from deeptone_tui import __version__


def main(arguments: list[str] | None = None) -> int:
    """Run the program.

    ``--version`` alone is answered without any other import: click takes longer to load than
    Python to start.

    Args:
        arguments: arguments after the program's name; None for those of this process.

    Returns:
        The exit code: 0 done, 1 failed while running, 2 wrong usage or parameters, 130 interrupted
        from the keyboard (128 + N by another signal N).
    """
    given = sys.argv[1:] if arguments is None else arguments
    if given == ["--version"] and sys.stdout is not None:
        try:
            sys.stdout.write(f"deeptone-tui {__version__}\n")
            sys.stdout.flush()
        except OSError:
            pass  # fails once more below, where it is put into words
        else:
            return 0
    from deeptone_tui.cli.entry import run  # noqa: PLC0415  see above

    return run(arguments)
