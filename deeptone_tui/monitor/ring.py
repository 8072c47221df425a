"""Ring buffer of the last minute of samples, indexed by absolute sample."""

from dataclasses import dataclass

import numpy as np

from deeptone_tui.dsp import NO_SAMPLES, Samples, step_levels
from deeptone_tui.protocol import SAMPLE_RATE_HZ, STEP_SAMPLES

CAPACITY_SAMPLES = 60 * SAMPLE_RATE_HZ
"""Samples kept by default: 60 s, 1.9 MB."""
RUN_STEPS = 16
"""Steps dropped at once when audio has to go: a second. Shorter pauses stay, so that speech is not
cut into pieces that each need a connection of their own."""


@dataclass(frozen=True, slots=True)
class Dropped:
    """Samples that were dropped before anybody took them."""

    start: int
    end: int
    silent: bool
    """True if they were under the threshold."""


class Ring:
    """Ring buffer of 16-bit mono samples in steps of 64 ms; the newest step may be incomplete.

    When it is full, it drops first what is settled, then what was taken and may have to be sent
    again, then a second of silence, and only then the oldest second. Dropped silence leaves a hole,
    which is distinguished from the audio around it.

    Args:
        capacity: number of samples to keep; whole steps, at least four.
    """

    def __init__(self, capacity: int = CAPACITY_SAMPLES) -> None:
        self._room = max(4, capacity // STEP_SAMPLES)
        self._steps: dict[int, tuple[Samples, float]] = {}  # by number, with their levels
        self._oldest = 0  # number of the oldest step
        self._holes: list[tuple[int, int]] = []  # numbers of steps, ascending, after the oldest
        self._tail = np.zeros(STEP_SAMPLES, dtype=np.int16)  # the step being filled
        self._end = 0
        self.settled = 0
        """Absolute sample; nothing before it is needed any more."""
        self.taken = 0
        """Absolute sample; everything before it was read."""
        self.silence_below = 0.0
        """Level below which a step is silence."""

    @property
    def capacity(self) -> int:
        """Number of samples kept."""
        return self._room * STEP_SAMPLES

    @property
    def end(self) -> int:
        """Absolute index after the newest sample: the number of samples ever written."""
        return self._end

    @property
    def start(self) -> int:
        """Absolute index of the oldest sample still kept."""
        return self._oldest * STEP_SAMPLES

    def write(self, samples: Samples) -> list[Dropped]:
        """Append any number of samples.

        Returns:
            Samples dropped before anybody took them, ascending.
        """
        dropped: list[Dropped] = []
        while len(samples):
            filled = self._end % STEP_SAMPLES
            piece = samples[: STEP_SAMPLES - filled]
            self._tail[filled : filled + len(piece)] = piece
            self._end += len(piece)
            samples = samples[len(piece) :]
            if self._end % STEP_SAMPLES == 0:
                self._keep_tail()
                dropped += self._make_room()
        return dropped

    def read(self, start: int, end: int) -> Samples:
        """Return a copy of the samples from ``start`` to before ``end``.

        Raises:
            IndexError: if some of them are no longer, or not yet, there.
        """
        whole = self.available(start) == start and end <= self.piece_end(start)
        if not (whole and start <= end):
            raise IndexError(f"{start} to {end} is not within {self.start} to {self._end}")
        if start == end:
            return NO_SAMPLES
        first, last = start // STEP_SAMPLES, (end - 1) // STEP_SAMPLES
        pieces = [self._step(number) for number in range(first, last + 1)]
        offset = first * STEP_SAMPLES
        return np.concatenate(pieces)[start - offset : end - offset]

    def available(self, index: int) -> int:
        """Return the first sample from ``index`` on that is there or yet to come."""
        index = max(index, self.start)
        for first, last in self._holes:
            if first * STEP_SAMPLES <= index < last * STEP_SAMPLES:
                return last * STEP_SAMPLES
        return index

    def piece_start(self, index: int) -> int:
        """Return the start of the audio that reaches up to ``index`` without a hole."""
        ends = [last * STEP_SAMPLES for _, last in self._holes if last * STEP_SAMPLES <= index]
        return max(ends, default=self.start)

    def piece_end(self, index: int) -> int:
        """Return the end of the audio that reaches on from ``index`` without a hole."""
        starts = [first * STEP_SAMPLES for first, _ in self._holes if first * STEP_SAMPLES >= index]
        return min(starts, default=self._end)

    def silent(self, start: int, end: int) -> bool:
        """Return True if all whole steps from ``start`` to before ``end`` are there and silent."""
        return all(
            number in self._steps and self._steps[number][1] < self.silence_below
            for number in range(start // STEP_SAMPLES, end // STEP_SAMPLES)
        )

    def _step(self, number: int) -> Samples:
        """Return the samples of a step, including the one being filled."""
        kept = self._steps.get(number)
        return self._tail if kept is None else kept[0]

    def _keep_tail(self) -> None:
        """Keep the step that has just been filled, with its level."""
        step = self._tail.copy()
        number = self._end // STEP_SAMPLES - 1
        self._steps[number] = (step, float(step_levels(step)[0]))

    def _make_room(self) -> list[Dropped]:
        """Drop steps until the capacity is kept; return those that nobody had taken."""
        dropped: list[Dropped] = []
        while len(self._steps) > self._room:
            newest = self._end // STEP_SAMPLES
            taken = max(self.taken, self.settled)
            if self._oldest < min(taken // STEP_SAMPLES, newest):
                self._drop(self._oldest, self._oldest + 1)
                continue
            silence = self._silent_run()
            first, last = silence or (self._oldest, self._oldest_run(newest))
            self._drop(first, last)
            # A piece may end within a step; what was taken of it can still be answered.
            span = (max(first * STEP_SAMPLES, taken), last * STEP_SAMPLES)
            dropped.append(Dropped(*span, silent=silence is not None))
        return dropped

    def _run(self) -> int:
        """Return the number of steps to drop at once: a second, or a quarter of a small ring."""
        return min(RUN_STEPS, self._room // 4)

    def _oldest_run(self, newest: int) -> int:
        """Return the end of the oldest steps to drop at once."""
        hole = self._holes[0][0] if self._holes else newest
        return min(self._oldest + self._run(), hole)

    def _silent_run(self) -> tuple[int, int] | None:
        """Return the oldest silence that is long enough to be dropped."""
        length = 0
        run, before = self._run(), -1
        # Only the steps that are kept: after a long outage, the holes are far longer.
        for number, (_, level) in self._steps.items():
            length = length if number == before + 1 else 0
            length = length + 1 if level < self.silence_below else 0
            before = number
            if length == run:
                return number + 1 - length, number + 1
        return None

    def _drop(self, first: int, last: int) -> None:
        """Drop the steps from ``first`` to before ``last``, all of which are there."""
        for number in range(first, last):
            del self._steps[number]
        if first > self._oldest:
            self._holes = _joined([*self._holes, (first, last)])
            return
        self._oldest = last
        while self._holes and self._holes[0][0] == self._oldest:
            self._oldest = self._holes.pop(0)[1]


def _joined(spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return the spans in order, with adjacent ones merged."""
    joined: list[tuple[int, int]] = []
    for first, last in sorted(spans):
        if joined and joined[-1][1] == first:
            joined[-1] = (joined[-1][0], last)
        else:
            joined.append((first, last))
    return joined
