"""Run of ``tune``: analysis of the sources here or by an endpoint, thresholds, and output."""

import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from deeptone_tui.archive.analysis import (
    PARAMETERS,
    Progress,
    SourceAnalysis,
    TuningResult,
    find,
    find_for_all,
)
from deeptone_tui.archive.pool import hear_in_processes, listen_here
from deeptone_tui.archive.recordings import AudioInput, InputFailure
from deeptone_tui.cli.errors import RunError, ending_signals, tell
from deeptone_tui.cli.lines import StdoutLines
from deeptone_tui.cli.logs import libraries_logged
from deeptone_tui.cli.outcome import RetryDeadline, failed, incomplete, provider_for, wait_announced
from deeptone_tui.cli.tune_report import ProgressLine, as_json, table
from deeptone_tui.cli.tune_request import Request
from deeptone_tui.core.address import exported
from deeptone_tui.core.blocking import BackgroundLoop
from deeptone_tui.core.files import write_whole
from deeptone_tui.core.process import ExitCode
from deeptone_tui.core.redaction import for_people
from deeptone_tui.core.text import reason_of
from deeptone_tui.monitor import Monitor, MonitorState, PlacedResult, SourcePhase
from deeptone_tui.protocol import SAMPLE_RATE_HZ, STEP_SAMPLES
from deeptone_tui.tuning import UNKNOWN, Heard, heard_in

_POLL_INTERVAL_S = 0.1
_STOP_TIMEOUT_S = 1.0
"""Timeout in seconds for the thread; then the process ends regardless."""
_MONITOR_STOP_TIMEOUT_S = 2.0
"""Timeout in seconds for the monitor's thread to end."""
_LAST_ANSWERS_SAMPLES = 5 * SAMPLE_RATE_HZ
"""Samples of live audio after the limit during which the answers for the audio before it may
come."""

_Outcomes = dict[AudioInput, SourceAnalysis | InputFailure]


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
            with libraries_logged():
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


def _hear(request: Request, recordings: Sequence[AudioInput], line: ProgressLine) -> _Outcomes:
    """Analyse the sources, live audio first and alone.

    Live audio does not wait, and its models must not be slowed down.
    """
    if request.url is not None:
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


def _hear_here(request: Request, recordings: Sequence[AudioInput], line: ProgressLine) -> _Outcomes:
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
            ended = aside.wait(_POLL_INTERVAL_S)
            new = through[told:]
            told += len(new)
            line.update(progress, new)
    finally:
        aside.stop(_STOP_TIMEOUT_S)
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
    return exported(request.url)


def _draw(place: Path, whole: TuningResult) -> None:
    from deeptone_tui.archive.chart import draw  # noqa: PLC0415  only with --plot

    try:
        write_whole(place, draw(whole).encode())
    except OSError as error:
        reason = reason_of(error)
        raise RunError(f"--plot: {place} cannot be written: {reason}") from None


def hear_from(request: Request, recordings: Sequence[AudioInput], line: ProgressLine) -> _Outcomes:
    """Analyse the sources through the endpoint of the request, one after the other.

    Raises:
        RunError: if the endpoint cannot be used, which is no failure of the source.
    """
    heard: _Outcomes = {}
    before = Progress()
    for recording in recordings:
        limit = None if recording.is_file else request.seconds
        through = _Through(request, recording, line, before, limit)
        heard[recording] = outcome = through.hear()
        before.done += 1
        if isinstance(outcome, SourceAnalysis):
            before.heard += outcome.seconds
            before.length += outcome.seconds
        line.update(before, [recording.name])
    return heard


class _Through:
    """Analysis of one source through the endpoint."""

    def __init__(
        self,
        request: Request,
        recording: AudioInput,
        line: ProgressLine,
        before: Progress,
        limit: float | None,
    ) -> None:
        self._recording = recording
        self._line = line
        self._before = before
        self._steps = (
            None if limit is None else max(1, round(limit * SAMPLE_RATE_HZ / STEP_SAMPLES))
        )
        self._changed = threading.Event()
        self._levels: list[np.ndarray[tuple[int], np.dtype[np.float64]]] = []
        self._end = 0  # the step after the newest level
        self._entries: list[PlacedResult] = []
        self._patience = RetryDeadline()
        self._monitor = Monitor(
            recording.spec,
            request.options,
            provider_for(request.url, request.api_key),
            PARAMETERS,
            on_update=self._changed.set,
        )

    def hear(self) -> SourceAnalysis | InputFailure:
        self._monitor.start()
        try:
            for state in self._states():
                trouble = failed(state, self._patience.waited(state, time.monotonic()))
                if trouble is not None:
                    return self._blame(state, trouble)
        finally:
            self._monitor.stop(_MONITOR_STOP_TIMEOUT_S)
        state = self._monitor.state
        self._take(state)
        trouble = incomplete(state)
        if trouble is not None and self._steps is None:
            raise RunError(f"{self._recording.name}: {trouble}")
        return self._hearing(state)

    def _states(self) -> Iterator[MonitorState]:
        """Yield states until the source, or the requested part of it, is answered."""
        told = MonitorState()
        ended = False
        while not ended:
            self._changed.wait(_POLL_INTERVAL_S)
            self._changed.clear()
            ended = self._monitor.wait(0)
            state = self._monitor.state
            self._take(state)
            yield state
            news = [notice.words for notice in state.notices_since(told)]
            wait = wait_announced(told.session, state.session)
            for words in [*news, wait] if wait else news:
                self._line.clear()
                tell(words)
            told = state
            self._show(state)
            ended = ended or self._enough(state)

    def _take(self, state: MonitorState) -> None:
        """Collect what is new; the monitor discards levels after a quarter of an hour."""
        history = state.history
        if history.first_step > self._end:
            raise RunError(
                f"{self._recording.name}: levels were lost because the machine was too busy"
            )
        self._levels.append(history.levels[self._end - history.first_step :].astype(np.float64))
        self._end = history.end_step
        self._entries += self._monitor.take_entries()

    def _enough(self, state: MonitorState) -> bool:
        if self._steps is None:
            return False
        counters, limit = state.counters, self._steps * STEP_SAMPLES
        return counters.answered >= limit or counters.captured >= limit + _LAST_ANSWERS_SAMPLES

    def _blame(self, state: MonitorState, trouble: str) -> InputFailure:
        """Return a failure of the source; raise one of the endpoint, which affects all sources."""
        captured = state.counters.captured
        source = state.source.phase
        if source is SourcePhase.FAILED or (source is SourcePhase.ENDED and not captured):
            return InputFailure(self._recording.name, trouble)
        raise RunError(trouble)

    def _show(self, state: MonitorState) -> None:
        length = state.source.info.duration or state.seconds
        if self._steps is not None:
            length = self._steps * STEP_SAMPLES / SAMPLE_RATE_HZ
        before = self._before
        heard = before.heard + state.counters.answered / SAMPLE_RATE_HZ
        self._line.update(Progress(heard, before.length + length, before.done))

    def _hearing(self, state: MonitorState) -> SourceAnalysis:
        levels = np.concatenate(self._levels)[: self._steps]
        seconds = (
            state.seconds if self._steps is None else len(levels) * STEP_SAMPLES / SAMPLE_RATE_HZ
        )
        lost = (state.counters.lost + state.counters.dropped_by_source) / SAMPLE_RATE_HZ
        heard = placed(self._entries, len(levels))
        return SourceAnalysis(self._recording.name, levels, heard, seconds, lost, state.faults)


def placed(entries: Sequence[PlacedResult], steps: int) -> Heard:
    """Return the class of each step by the results, shape (steps,); unknown without a result."""
    heard = np.full(steps, UNKNOWN, np.int8)
    for entry in entries:
        first = entry.sample // STEP_SAMPLES
        heard[first : -(-(entry.sample + entry.samples) // STEP_SAMPLES)] = heard_in(entry.step)
    return heard
