"""The ``tune`` command: a threshold from recordings, and no screen."""

from typing import Any

import click

from deeptone_tui.cli.completing import complete_sources
from deeptone_tui.cli.options import options_named
from deeptone_tui.cli.values import ValidatedParam, WholeNumber, read_seconds


@click.command("tune")
@click.argument("sources", nargs=-1, metavar="SOURCE...", shell_complete=complete_sources)
@click.option("--json", "as_json", is_flag=True, help="One JSON object instead of a table.")
@click.option(
    "--label",
    type=click.Path(),
    metavar="FILE",
    help="True speech segments: CSV (START,END[,LABEL] in seconds), Audacity's labels, or RTTM;"
    " for several sources a folder of such files of the same names.",
)
@click.option(
    "--plot",
    type=click.Path(),
    metavar="FILE",
    help="Draw what every threshold costs into FILE.svg.",
)
@click.option(
    "--models/--no-models",
    default=True,
    help="Ask the models what is speech, or go by levels only.  [default: models]",
)
@click.option(
    "--jobs", type=WholeNumber(1, 256), metavar="N", help="Processes. [default: one a core]"
)
@click.option(
    "--seconds",
    type=ValidatedParam("S", read_seconds),
    help="Listen to live audio for so long. [default: 20 to a microphone, otherwise to the end]",
)
@click.option("--verbose", "-v", is_flag=True, help="A line on stderr for each file.")
@options_named(
    "url",
    "api_key",
    "api_key_file",
    "output_period",
    "sample_rate",
    "device",
    "channel",
    "profile",
    "config",
)
def command(**given: Any) -> int:  # noqa: ANN401  checked in read_request
    """Suggest a volume threshold for recordings, and say what it would cost.

    SOURCE is a file, a folder of audio files at any depth, - for raw 16-bit PCM on stdin, mic,
    tcp://HOST:PORT or demo. Each is reported, and all of them as if they were one recording:
    the threshold, the level of the noise and of the speech, the periods of speech that would be
    lost, the pauses that would pass, the silence, and how sure that is. All is counted in
    results of --output-period, each of which one loud step of 64 ms keeps from being silence.

    Files are heard by the models of the local endpoint in processes of this command, many times
    faster than they play. With --url an endpoint is asked instead, one source after the other.

    Exit codes: 0 done, 1 when a source could not be heard, 2 wrong usage or parameters, 130
    interrupted.
    """
    from deeptone_tui.cli.logs import start_logging  # noqa: PLC0415  not for --help
    from deeptone_tui.cli.tune_request import read_request  # noqa: PLC0415  not for --help
    from deeptone_tui.cli.tune_run import run  # noqa: PLC0415  not for --help

    request = read_request(click.get_current_context(), given)
    start_logging()
    return run(request)
