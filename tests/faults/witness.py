"""Who looks at every state that the monitor publishes, and notes what must not be."""

import zlib
from collections.abc import Callable
from dataclasses import dataclass, fields

from deeptone_tui.dsp import Samples
from deeptone_tui.monitor import Counters, MonitorState, PlacedResult

GROWING = ("captured", "sent", "answered", "lost", "results", "repeated")
"""Counters that never fall."""
LATELY = 50
"""Words that are kept where not everything is."""


@dataclass(frozen=True, slots=True)
class Phases:
    """What is shown in words, at one moment."""

    source: str
    session: str
    message: str


class Witness:
    """Looks at each state and each result in the order in which they come.

    Nothing is asserted here, because it is called in the monitor's thread; what is wrong is kept
    in ``complaints``.

    Args:
        audio: the source's samples from an index to before another, as far as they are there.
        remembers: whether every result is kept.
        judged: whether the endpoint says what the samples say.
    """

    def __init__(
        self, audio: Callable[[int, int], Samples], *, remembers: bool = True, judged: bool = True
    ) -> None:
        self._audio = audio
        self._judged = judged
        self._remembers = remembers
        self.states = 0
        """States seen."""
        self.state = MonitorState()
        """The newest."""
        self.complaints: list[str] = []
        self.phases: list[Phases] = []
        """Each change of the words on the status line."""
        self.notices: list[str] = []
        """Every notice once, in order."""
        self.entries: list[PlacedResult] = []
        """Every result, if they are kept."""
        self.results = 0
        self.covered = 0
        """Samples that the results cover."""
        self.left_out = 0
        """Samples before the newest result that no result covers."""
        self.furthest_behind = 0
        """The most samples that were ever captured and not yet sent."""
        self._end = 0

    def look(self, state: MonitorState, entries: list[PlacedResult]) -> None:
        """Take in a state and the results that came with it; never raises."""
        try:
            self._look(state, entries)
        except Exception as error:  # noqa: BLE001  the monitor would go on without a witness
            self.complaints.append(f"the witness failed: {error!r}")

    def _look(self, state: MonitorState, entries: list[PlacedResult]) -> None:
        self.states += 1
        for entry in entries:
            self._take(entry)
        self._identity(state.counters)
        for name in GROWING:
            if getattr(state.counters, name) < getattr(self.state.counters, name):
                self._complain(state, f"{name} has fallen")
        if state.counters.answered != self.covered:
            self._complain(state, f"results cover {self.covered} samples")
        if state.counters.results != self.results:
            self._complain(state, f"{self.results} results were handed over")
        self._note_words(state)
        self.state = state

    @property
    def words(self) -> str:
        """Everything that was shown in words, for a search."""
        messages = [phase.message for phase in self.phases]
        return "\n".join([*messages, *self.notices])

    def saw(self, phase: str) -> bool:
        """Whether source or session were ever in a phase."""
        return any(phase in (seen.source, seen.session) for seen in self.phases)

    def _take(self, entry: PlacedResult) -> None:
        """A result: in order, of audio not covered before, and made from that very audio."""
        end = entry.sample + entry.samples
        if entry.sample < self._end:
            self.complaints.append(f"the result at {entry.sample} comes after one to {self._end}")
        elif entry.sample > self._end:
            self.left_out += entry.sample - self._end
        if self._judged:
            audio = self._audio(entry.sample, end).astype("<i2").tobytes()
            expected = zlib.crc32(audio) / 2**32
            if any(answer.confidence != expected for answer in entry.step.answers.values()):
                self.complaints.append(f"the result at {entry.sample} is of other audio")
        self.covered += end - max(entry.sample, min(self._end, end))
        self._end = max(self._end, end)
        self.results += 1
        if self._remembers:
            self.entries.append(entry)

    def _identity(self, counters: Counters) -> None:
        """Every sample is in one place."""
        self.furthest_behind = max(self.furthest_behind, counters.behind)
        known = counters.answered + counters.lost + counters.in_flight
        in_order = counters.captured >= counters.sent >= counters.answered
        if counters.captured != known or not in_order:
            self.complaints.append(f"the identity does not hold: {_written(counters)}")

    def _note_words(self, state: MonitorState) -> None:
        session = state.session
        now = Phases(state.source.phase.value, session.phase.value, session.message)
        if [now] != self.phases[-1:]:
            self.phases.append(now)
        self.notices += [notice.words for notice in state.notices_since(self.state)]
        if not self._remembers:
            del self.phases[:-LATELY], self.notices[:-LATELY]

    def _complain(self, state: MonitorState, words: str) -> None:
        self.complaints.append(f"{words}: {_written(state.counters)}")


def _written(counters: Counters) -> str:
    """The counters that are not 0."""
    named = [(field.name, getattr(counters, field.name)) for field in fields(counters)]
    return ", ".join(f"{name} {value}" for name, value in named if value)
