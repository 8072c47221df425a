"""The ``replay`` command: a recording shown in the monitor."""

from pathlib import Path
from typing import Any

import click

from deeptone_tui.cli.errors import WrongUsage
from deeptone_tui.cli.options import complete_folders, look_options
from deeptone_tui.settings.options import Options


@click.command("replay")
@click.argument("folder", metavar="DIR", shell_complete=complete_folders)
@look_options
def command(folder: str, **look: Any) -> int:  # noqa: ANN401  as click gives them
    """Replay a recording that --record or the key r has made.

    DIR is the folder of a recording, or a folder of several, of which the newest is replayed. It
    runs in real time, at half speed or up to four times as fast (< and >), with pause (space) and
    seek (, and .), and shows each result where the endpoint gave it. Thresholds can be tried as
    in the monitor; no endpoint is used.
    """
    from deeptone_tui.cli.terminal import (  # noqa: PLC0415  not for --help
        fit_textual,
        require_terminal,
    )

    fit_textual()
    from deeptone_tui.cli.logs import start_logging  # noqa: PLC0415  not for --help
    from deeptone_tui.cli.screen import check_theme, read_keys, replay  # noqa: PLC0415  not for --help
    from deeptone_tui.recording.reading import (  # noqa: PLC0415  not for --help
        RecordingError,
        find_recording,
        open_recording,
    )
    from deeptone_tui.settings.config import load_configuration  # noqa: PLC0415  not for --help

    if not folder:
        raise WrongUsage("DIR: the folder's name is empty")
    try:
        place, choice = find_recording(Path(folder))
        recording = open_recording(place)
    except RecordingError as error:
        raise WrongUsage(str(error)) from None
    try:
        options = Options(**look)
        check_theme(options.theme)
        keys = read_keys(load_configuration().keys)
        require_terminal(stdin_is_audio=False)
        start_logging()
        return replay(recording, (choice,) if choice else (), keys, options)
    finally:
        recording.close()
