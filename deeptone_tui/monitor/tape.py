"""The core's side of recording: what is heard, answered and told goes to the recorder, if any."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from deeptone_tui.audio import SourceInfo
from deeptone_tui.level import Samples
from deeptone_tui.monitor.state import Entry, SessionStatus
from deeptone_tui.protocol import SAMPLE_RATE
from deeptone_tui.recording import Facts, Recorder, RecordingStatus

if TYPE_CHECKING:
    from deeptone_tui.protocol import StreamParameters

_SAMPLES_PER_MS = SAMPLE_RATE // 1000


class Tape:
    """At most one recording at a time. Nothing here waits for a disk.

    Args:
        facts: how things are set now.
        notice: tells people what has happened.
    """

    def __init__(self, facts: Callable[[], Facts], notice: Callable[[str], None]) -> None:
        self._facts = facts
        self._notice = notice
        self._recorder: Recorder | None = None
        self._ending: list[Recorder] = []
        self._told = ""

    @property
    def status(self) -> RecordingStatus | None:
        """How the recording goes; None when there is none. One that failed stays told."""
        return None if self._recorder is None else self._recorder.status

    def begin(self, parent: Path) -> None:
        """Record from the next sample on, into a new folder within this one."""
        self.end()
        self._told = ""
        self._recorder = Recorder(parent, self._facts())
        self._recorder.start()

    def end(self) -> None:
        """Finish the recording; its own thread writes what waits."""
        if self._recorder is not None:
            self._recorder.end()
            self._ending = [each for each in self._ending if not each.join(0)]
            self._ending.append(self._recorder)
            self._recorder = None

    def finish(self) -> None:
        """The same when everything ends, with ``status`` telling what became of it."""
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
        if self._recorder is not None:
            self._recorder.audio(start, samples)

    def entry(self, entry: Entry) -> None:
        """A result, in the shape that ``deeptone-tui stream`` prints, with its place and question.

        The question is a query without a key: what was asked for decides what "silence" says.
        """
        if self._recorder is not None:
            time = entry.sample / _SAMPLES_PER_MS
            line = {**entry.step.to_wire(), "timestamp": time, "asked": entry.parameters.to_query()}
            self._recorder.result(line, entry.sample, entry.samples)

    def event(self, words: str) -> None:
        """Something has happened."""
        if self._recorder is not None:
            self._recorder.event(words)

    def look(self) -> None:
        """See whether something is set differently, and whether the recording has failed."""
        if self._recorder is None:
            return
        self._recorder.settings(self._facts())
        problem = self._recorder.status.problem
        if problem and problem != self._told:
            self._told = problem
            self._notice(problem)


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
