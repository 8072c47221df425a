"""Analysis of sources through an endpoint, one after the other, as ``stream`` does."""

import threading
import time
from collections.abc import Iterator, Sequence

import numpy as np

from deeptone_tui.archive.analysis import PARAMETERS, Progress, SourceAnalysis
from deeptone_tui.archive.recordings import AudioInput, InputFailure
from deeptone_tui.cli.errors import RunError, tell
from deeptone_tui.cli.outcome import RetryDeadline, failed, incomplete, provider_for, wait_announced
from deeptone_tui.cli.tune_report import ProgressLine
from deeptone_tui.cli.tune_request import Request
from deeptone_tui.dsp import STEP_SAMPLES
from deeptone_tui.monitor import Monitor, MonitorState, PlacedResult, SourcePhase
from deeptone_tui.protocol import SAMPLE_RATE_HZ
from deeptone_tui.tuning import UNKNOWN, Heard, heard_in

_POLL_INTERVAL = 0.1
_STOP_TIMEOUT_S = 2.0
"""Timeout in seconds for the monitor's thread to end."""
_LAST_ANSWERS_SAMPLES = 5 * SAMPLE_RATE_HZ
"""Samples of live audio after the limit during which the answers for the audio before it may
come."""


def hear_from(
    request: Request, recordings: Sequence[AudioInput], line: ProgressLine
) -> dict[AudioInput, SourceAnalysis | InputFailure]:
    """Analyse the sources through the endpoint of the request.

    Raises:
        RunError: if the endpoint cannot be used, which is no failure of the source.
    """
    heard: dict[AudioInput, SourceAnalysis | InputFailure] = {}
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
            self._monitor.stop(_STOP_TIMEOUT_S)
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
            self._changed.wait(_POLL_INTERVAL)
            self._changed.clear()
            ended = self._monitor.wait(0)
            state = self._monitor.state
            self._take(state)
            yield state
            news = [notice.words for notice in state.news_since(told)]
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
                f"{self._recording.name}: levels were lost because of too much else to do"
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
