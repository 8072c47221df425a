"""The ``tune`` command: a threshold from recordings, and no screen."""

from typing import Any

import click

from deeptone_tui.cli.options import (
    ValidatedParam,
    WholeNumber,
    complete_sources,
    options_named,
    read_seconds,
)


@click.command("tune")
@click.argument("sources", nargs=-1, metavar="SOURCE...", shell_complete=complete_sources)
@click.option("--json", "as_json", is_flag=True, help="Print a JSON object instead of a table.")
@click.option(
    "--label",
    type=click.Path(),
    metavar="FILE",
    help="Labelled speech segments: CSV (START,END[,LABEL] in seconds), Audacity labels or RTTM;"
    " for several sources, a folder of such files with the sources' names.",
)
@click.option(
    "--plot",
    type=click.Path(),
    metavar="FILE",
    help="Draw the cost of every threshold to FILE, an SVG image.",
)
@click.option(
    "--models/--no-models",
    default=True,
    help="Find speech with the models, or by level only.  [default: models]",
)
@click.option(
    "--jobs",
    type=WholeNumber(1, 256),
    metavar="N",
    help="Number of processes. [default: one per core]",
)
@click.option(
    "--seconds",
    type=ValidatedParam("S", read_seconds),
    help="Seconds of live audio to analyse. [default: 20 for a microphone, otherwise to the end]",
)
@click.option("--verbose", "-v", is_flag=True, help="Print a line on stderr for each source.")
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
    """Suggest a threshold for recordings, and show what it would cost.

    SOURCE is a file, a folder of audio files at any depth, - for raw 16-bit PCM on stdin, mic,
    tcp://HOST:PORT or demo. The report covers each source, and all of them as if they were one
    recording: the threshold, the levels of noise and speech, the speech that would be lost, the
    noise that would be passed, the silence, and the confidence. All is counted in periods of
    --output-period; a single loud step of 64 ms keeps a period from being silence.

    Files are analysed by the models of the local endpoint, in processes of this command and much
    faster than real time. With --url, an endpoint is used instead, for one source at a time.

    Exit codes: 0 done; 1 a source could not be analysed; 2 wrong usage or parameters; 130
    interrupted.
    """
    from deeptone_tui.cli.logs import start_logging  # noqa: PLC0415  not for --help
    from deeptone_tui.cli.tune_request import read_request  # noqa: PLC0415  not for --help
    from deeptone_tui.cli.tune_run import run  # noqa: PLC0415  not for --help

    request = read_request(given)
    start_logging()
    return run(request)
