"""Run of ``tune``: analysis of the sources, their thresholds, and the output."""

from collections.abc import Sequence
from pathlib import Path

from deeptone_tui.archive.analysis import Progress, SourceAnalysis, TuningResult, find, find_for_all
from deeptone_tui.archive.pool import hear_in_processes, listen_here
from deeptone_tui.archive.recordings import AudioInput, InputFailure
from deeptone_tui.audio.native_stderr import redirect_native_stderr
from deeptone_tui.cli.errors import ExitCode, RunError, ending_signals, tell
from deeptone_tui.cli.lines import StdoutLines
from deeptone_tui.cli.logs import failures_logged, native_log_file
from deeptone_tui.cli.tune_report import ProgressLine, as_json, table
from deeptone_tui.cli.tune_request import Request
from deeptone_tui.core.blocking import BackgroundLoop
from deeptone_tui.core.errors import reason_of
from deeptone_tui.core.files import write_whole
from deeptone_tui.core.redaction import for_people

_LOOK_AGAIN = 0.1
_STOP_S = 1.0
"""Timeout in seconds for the thread; then the process ends regardless."""

Heard = dict[AudioInput, SourceAnalysis | InputFailure]


def run(request: Request) -> int:
    """Analyse the sources, and write the report and the chart.

    Returns:
        The exit code: failed if any source could not be heard.

    Raises:
        RunError: if the endpoint fails, or the chart cannot be written.
        BrokenPipeError: if the reader of stdout has gone.
        Interrupted: by a signal; nothing is left running.
    """
    for notice in request.notices:
        tell(notice)
    recordings = [item for item in request.recordings if isinstance(item, AudioInput)]
    line = ProgressLine(len(recordings), verbose=request.verbose)
    with ending_signals():
        try:
            # What the decoders of C libraries print would appear in the middle of the line.
            with failures_logged(), redirect_native_stderr(native_log_file()):
                heard = _hear(request, recordings, line)
        finally:
            line.clear()
    outcomes = [
        heard[item] if isinstance(item, AudioInput) else item for item in request.recordings
    ]
    failures = [item for item in outcomes if isinstance(item, InputFailure)]
    for failure in failures:
        tell(failure.reason)
    findings = [
        find(item, request.labels.get(item.name), output_period=request.output_period)
        for item in outcomes
        if isinstance(item, SourceAnalysis)
    ]
    _write(request, findings, failures)
    return ExitCode.FAILED if failures else ExitCode.DONE


def _hear(request: Request, recordings: Sequence[AudioInput], line: ProgressLine) -> Heard:
    """Analyse the sources, live audio first and alone.

    Live audio does not wait, and its models must not be slowed down.
    """
    if request.url is not None:
        from deeptone_tui.cli.tune_remote import hear_from  # noqa: PLC0415  only with --url

        return hear_from(request, recordings, line)
    files = [item for item in recordings if item.is_file]
    live = [item for item in recordings if not item.is_file]
    heard = _hear_here(request, live, line) if live else {}
    if min(request.jobs, len(files)) <= 1:
        return heard | (_hear_here(request, files, line) if files else {})
    became = hear_in_processes(
        files, request.options, models=request.models, jobs=request.jobs, told=line.update
    )
    return heard | dict(zip(files, became, strict=True))


def _hear_here(request: Request, recordings: Sequence[AudioInput], line: ProgressLine) -> Heard:
    """Analyse in this process: live audio, a single file, or ``--jobs 1``."""
    progress, through = Progress(), list[str]()

    def advance(heard: float, length: float) -> None:
        progress.heard += heard
        progress.length += length

    def finished(name: str) -> None:
        progress.done += 1
        through.append(name)

    work = listen_here(
        recordings,
        request.options,
        models=request.models,
        limit=request.seconds,
        advance=advance,
        finished=finished,
    )
    aside = BackgroundLoop(work)
    told = 0
    try:
        ended = False
        while not ended:
            ended = aside.wait(_LOOK_AGAIN)
            new = through[told:]
            told += len(new)
            line.update(progress, new)
    finally:
        aside.stop(_STOP_S)
    return dict(zip(recordings, aside.result(), strict=True))


def _write(
    request: Request, findings: Sequence[TuningResult], failures: Sequence[InputFailure]
) -> None:
    """Write the report to stdout, and the chart if requested."""
    whole, lines = find_for_all(findings) if findings else None, StdoutLines()
    if request.as_json:
        lines.write(as_json(findings, failures, whole, request.output_period, _endpoint(request)))
    elif whole is not None:
        for row in table(findings, whole):
            lines.write(for_people(row))
    lines.flush()
    if request.plot is not None and whole is not None:
        _draw(request.plot, whole)


def _endpoint(request: Request) -> str | None:
    """Return the endpoint that was asked: ``local``, an address without secrets, or None."""
    if not request.models:
        return None
    if request.url is None:
        return "local"
    from deeptone_tui.core.address import exported  # noqa: PLC0415  only with --url

    return exported(request.url)


def _draw(place: Path, whole: TuningResult) -> None:
    from deeptone_tui.archive.chart import draw  # noqa: PLC0415  only with --plot

    try:
        write_whole(place, draw(whole).encode())
    except OSError as error:
        reason = reason_of(error)
        raise RunError(f"--plot: {place} cannot be written: {reason}") from None
