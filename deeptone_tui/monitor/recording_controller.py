"""Pipeline's side of recording: audio, results and events go to the recorder, if any."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from deeptone_tui.dsp import Samples
from deeptone_tui.monitor.state import Change, PlacedResult
from deeptone_tui.protocol import SAMPLES_PER_MS
from deeptone_tui.recording import Facts, Recorder, RecordingStatus

RESULTS_WITHIN_S = 30.0
"""Timeout in seconds, after the end of a recording, for the results of its audio."""


@dataclass(frozen=True, slots=True)
class _Owed:
    """Recording that has all its audio, and not yet all results."""

    recorder: Recorder
    end: int
    """Absolute index after its last sample."""
    until: float


class RecordingController:
    """Controller of at most one recording at a time. Only ``close`` waits for a disk.

    Args:
        facts: returns the current settings.
        notice: shows a notice.
        clock: monotonic time in seconds.
    """

    def __init__(
        self, facts: Callable[[], Facts], notice: Callable[[str], None], clock: Callable[[], float]
    ) -> None:
        self._facts = facts
        self._notice = notice
        self._clock = clock
        self._recorder: Recorder | None = None
        self._captured = self._answered = 0  # absolute samples
        self._owed: _Owed | None = None
        self._ending: list[Recorder] = []
        self._told = ""
        self._left_out_told = False

    @property
    def status(self) -> RecordingStatus | None:
        """Status of the recording; None without one. A failed one stays reported."""
        return None if self._recorder is None else self._recorder.status

    def begin(self, parent: Path) -> None:
        """Record from the next sample on, into a new folder inside ``parent``."""
        self.end()
        self._told, self._left_out_told = "", False
        self._recorder = Recorder(parent, self._facts())
        self._recorder.start()

    def end(self) -> None:
        """Finish the recording once the results of its audio are in, or time out."""
        if self._recorder is not None:
            self._end_owed()
            until = self._clock() + RESULTS_WITHIN_S
            self._owed = _Owed(self._recorder, self._captured, until)
            self._recorder = None
            self._look_at_owed()

    def finish(self) -> None:
        """Finish at once when everything ends; ``status`` reports the outcome."""
        self._end_owed()
        if self._recorder is not None:
            self._recorder.end()

    def close(self, within: float) -> None:
        """Finish everything, in a bounded time.

        Args:
            within: maximum wait in seconds.
        """
        self.finish()
        left = [*self._ending, *([self._recorder] if self._recorder is not None else [])]
        for recorder in left:
            recorder.join(within / len(left))

    def audio(self, start: int, samples: Samples) -> None:
        """Record samples captured from absolute sample ``start`` on."""
        self._captured = start + len(samples)
        if self._recorder is not None:
            self._recorder.audio(start, samples)

    def entry(self, entry: PlacedResult) -> None:
        """Record a result in the format of ``deeptone-tui stream``, with its place and its query.

        The query has no key. It is kept because the requested parameters decide what "silence"
        means.
        """
        self._answered = entry.sample + entry.samples
        if self._recorder is not None:
            _put(self._recorder, entry)
        if self._owed is not None:
            if self._answered <= self._owed.end:
                _put(self._owed.recorder, entry)
            self._look_at_owed()

    def event(self, words: str) -> None:
        """Record an event in words."""
        if self._recorder is not None:
            self._recorder.event(words)

    def change(self, change: Change) -> None:
        """Record a change in force from a sample on; it is reported with its first result."""
        document = {
            "what": change.kind.value,
            "before": change.before,
            "after": change.after,
            "words": change.words,
        }
        if self._recorder is not None:
            self._recorder.change(document, change.sample)
        if self._owed is not None and change.sample < self._owed.end:
            self._owed.recorder.change(document, change.sample)

    def look(self) -> None:
        """Record changed settings, and show a notice if a recording has failed."""
        if self._recorder is not None:
            self._recorder.settings(self._facts())
            self._tell_problem(self._recorder)
        if self._owed is not None:
            self._tell_problem(self._owed.recorder)
        self._look_at_owed()

    def _tell_problem(self, recorder: Recorder) -> None:
        """Show once the failure of a recording, and once that something is left out."""
        problem = recorder.status.problem
        if recorder.status.left_out and not self._left_out_told:
            self._left_out_told = True
            self._notice("results come faster than they can be recorded: some are left out")
        if problem and problem != self._told:
            self._told = problem
            self._notice(problem)

    def _look_at_owed(self) -> None:
        """Finish the last recording if its results are in, or have timed out."""
        owed = self._owed
        if owed is not None and (self._answered >= owed.end or self._clock() >= owed.until):
            self._end_owed()

    def _end_owed(self) -> None:
        """Finish the last recording; its own thread writes the backlog."""
        if self._owed is not None:
            self._owed.recorder.end()
            self._ending = [each for each in self._ending if not each.join(0)]
            self._ending.append(self._owed.recorder)
            self._owed = None


def _put(recorder: Recorder, entry: PlacedResult) -> None:
    """Record a result with its place and query."""
    time = entry.sample / SAMPLES_PER_MS
    line = {**entry.step.to_wire(), "timestamp": time, "asked": entry.parameters.to_query()}
    recorder.result(line, entry.sample, entry.samples)
