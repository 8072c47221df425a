"""The core's side of recording: what is heard, answered and told goes to the recorder, if any."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from deeptone_tui.audio import SourceInfo
from deeptone_tui.dsp import Samples
from deeptone_tui.monitor.state import Change, PlacedResult, SessionStatus
from deeptone_tui.protocol import SAMPLE_RATE_HZ
from deeptone_tui.recording import Facts, Recorder, RecordingStatus

if TYPE_CHECKING:
    from deeptone_tui.protocol import StreamParameters

_SAMPLES_PER_MS = SAMPLE_RATE_HZ // 1000
RESULTS_WITHIN_S = 30.0
"""Seconds after its end for which a recording takes the results of its audio."""


@dataclass(frozen=True, slots=True)
class _Owed:
    """A recording that has all its audio, and not yet all results."""

    recorder: Recorder
    end: int
    """Absolute index after its last sample."""
    until: float


class RecordingController:
    """At most one recording at a time. Nothing here waits for a disk.

    Args:
        facts: how things are set now.
        notice: tells people what has happened.
        clock: seconds that only grow.
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
        """How the recording goes; None when there is none. One that failed stays told."""
        return None if self._recorder is None else self._recorder.status

    def begin(self, parent: Path) -> None:
        """Record from the next sample on, into a new folder within this one."""
        self.end()
        self._told, self._left_out_told = "", False
        self._recorder = Recorder(parent, self._facts())
        self._recorder.start()

    def end(self) -> None:
        """Finish the recording as soon as the results of its audio are in."""
        if self._recorder is not None:
            self._end_owed()
            until = self._clock() + RESULTS_WITHIN_S
            self._owed = _Owed(self._recorder, self._captured, until)
            self._recorder = None
            self._look_at_owed()

    def finish(self) -> None:
        """The same at once when everything ends, with ``status`` telling what became of it."""
        self._end_owed()
        if self._recorder is not None:
            self._recorder.end()

    def close(self, within: float) -> None:
        """See everything finished, in a bounded time."""
        self.finish()
        left = [*self._ending, *([self._recorder] if self._recorder is not None else [])]
        for recorder in left:
            recorder.join(within / len(left))

    def audio(self, start: int, samples: Samples) -> None:
        """What was captured from an absolute sample on."""
        self._captured = start + len(samples)
        if self._recorder is not None:
            self._recorder.audio(start, samples)

    def entry(self, entry: PlacedResult) -> None:
        """A result, in the shape that ``deeptone-tui stream`` prints, with its place and question.

        The question is a query without a key: what was asked for decides what "silence" says.
        """
        self._answered = entry.sample + entry.samples
        if self._recorder is not None:
            _put(self._recorder, entry)
        if self._owed is not None:
            if self._answered <= self._owed.end:
                _put(self._owed.recorder, entry)
            self._look_at_owed()

    def event(self, words: str) -> None:
        """Something has happened."""
        if self._recorder is not None:
            self._recorder.event(words)

    def change(self, change: Change) -> None:
        """Something else is in force from a sample on, which is told with its first result."""
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
        """See whether something is set differently, and whether a recording has failed."""
        if self._recorder is not None:
            self._recorder.settings(self._facts())
            self._tell_problem(self._recorder)
        if self._owed is not None:
            self._tell_problem(self._owed.recorder)
        self._look_at_owed()

    def _tell_problem(self, recorder: Recorder) -> None:
        """Say once why a recording has failed, and that something is not in it."""
        problem = recorder.status.problem
        if recorder.status.left_out and not self._left_out_told:
            self._left_out_told = True
            self._notice("results come faster than they can be recorded: some are left out")
        if problem and problem != self._told:
            self._told = problem
            self._notice(problem)

    def _look_at_owed(self) -> None:
        """See whether results for the last recording may still come."""
        owed = self._owed
        if owed is not None and (self._answered >= owed.end or self._clock() >= owed.until):
            self._end_owed()

    def _end_owed(self) -> None:
        """Finish the last recording; its own thread writes what waits."""
        if self._owed is not None:
            self._owed.recorder.end()
            self._ending = [each for each in self._ending if not each.join(0)]
            self._ending.append(self._owed.recorder)
            self._owed = None


def _put(recorder: Recorder, entry: PlacedResult) -> None:
    """Record a result with its place and question."""
    time = entry.sample / _SAMPLES_PER_MS
    line = {**entry.step.to_wire(), "timestamp": time, "asked": entry.parameters.to_query()}
    recorder.result(line, entry.sample, entry.samples)


def facts_of(
    info: SourceInfo, session: SessionStatus, planned: "StreamParameters | None" = None
) -> Facts:
    """What a recording says of the monitor.

    Args:
        info: the source.
        session: the connection.
        planned: what will be asked for, as long as nothing was.
    """
    parameters = session.applied or planned
    return Facts(info.kind.value, info.name, info.rate, session.label, session.url, parameters)
