"""The ``stream`` command: results as JSON lines, and no screen."""

from dataclasses import replace
from typing import Any

import click

from deeptone_tui.cli.errors import WrongUsage
from deeptone_tui.cli.options import shared_options


@click.command("stream")
@shared_options
@click.option(
    "--realtime/--fast",
    default=True,
    help="Send a file in real time, or as fast as the endpoint accepts it.  [default: realtime]",
)
def command(*, realtime: bool, **given: Any) -> int:  # noqa: ANN401  checked in read_settings
    """Print one JSON object per result on stdout, until SOURCE ends or Ctrl+C.

    Each line has the format of the protocol: {"results": …, "timestamp": …}, and "raw" with
    --include-raw-values. The timestamp is in milliseconds from the start of the stream, and
    continues across reconnections. "samples" accounts for the audio so far: captured = covered
    by results + in_flight + dropped. Diagnostics go to stderr.

    Exit codes: 0 done, also if the reader of stdout closes it; 1 failed; 2 wrong usage or
    parameters; 130 interrupted.
    """
    from deeptone_tui.audio import SourceKind  # noqa: PLC0415  not for --help
    from deeptone_tui.cli.headless import run  # noqa: PLC0415  not for --help
    from deeptone_tui.cli.logs import start_logging  # noqa: PLC0415  not for --help
    from deeptone_tui.cli.settings import read_settings, with_device  # noqa: PLC0415

    settings = read_settings(given)
    if not realtime and settings.source.kind not in {SourceKind.FILE, SourceKind.DEMO}:
        raise WrongUsage("--fast: only for a file or the demo; live audio arrives in real time")
    options = replace(settings.source_options, realtime=realtime)
    start_logging()
    settings = with_device(given, settings)
    return run(replace(settings, source_options=options))
