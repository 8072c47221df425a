"""From ``sys.argv`` to an exit code."""

import sys
from collections.abc import Sequence

from deeptone_tui.cli.errors import ExitCode, report
from deeptone_tui.cli.root import PROGRAM, program


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the program.

    Args:
        arguments: what follows the program's name; None for those of this process.

    Returns:
        The exit code: 0 done, 1 failed while running, 2 wrong usage or parameters,
        130 interrupted from the keyboard (128 + N by another signal N).
    """
    given = list(sys.argv[1:] if arguments is None else arguments)
    try:
        code = program.main(args=given, prog_name=PROGRAM, standalone_mode=False)
    except BaseException as error:  # noqa: BLE001  the one place that turns errors into words
        return report(error, given)
    return code if isinstance(code, int) else ExitCode.DONE
