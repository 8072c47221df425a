"""What became of every sample. Pure."""

PATIENCE = 60 * 16_000
"""Samples: a gap is given up when results have gone on this far beyond it."""


class Ledger:
    """Counts samples by their fate: always ``captured == answered + lost + in_flight``.

    Each sample is counted once, whatever the endpoint does: results may be missing, come twice
    or out of order. Samples in flight wait in the ring or on the wire. All arguments are
    absolute samples, as a start and an end.
    """

    def __init__(self) -> None:
        self.captured = 0
        self.sent = 0
        self.answered = 0
        self.lost = 0
        self.lost_at_end = 0
        """Of those, what was given up since the last result."""
        self._sent_to = 0
        self._lost_to = 0  # what is captured before this index is lost already
        self._open: list[tuple[int, int]] = []  # in flight, ascending, apart from each other

    @property
    def in_flight(self) -> int:
        """Samples whose fate is open."""
        return sum(end - start for start, end in self._open)

    @property
    def behind(self) -> int:
        """Samples in flight that were not yet sent."""
        return sum(
            end - max(start, self._sent_to) for start, end in self._open if end > self._sent_to
        )

    def open_from(self, index: int) -> int:
        """The first sample in flight from an index on; the index itself where there is none."""
        return next((max(start, index) for start, end in self._open if end > index), index)

    def capture(self, samples: int) -> None:
        """So many more samples were captured."""
        start, self.captured = self.captured, self.captured + samples
        doomed = min(max(self._lost_to - start, 0), samples)
        self.lost += doomed
        start += doomed
        if start == self.captured:
            return
        if self._open and self._open[-1][1] == start:
            self._open[-1] = (self._open[-1][0], self.captured)
        else:
            self._open.append((start, self.captured))

    def send(self, start: int, end: int) -> None:
        """Samples were written to the socket; again counts as once."""
        self.sent += max(0, end - max(start, self._sent_to))
        self._sent_to = max(self._sent_to, end)

    def answer(self, start: int, end: int) -> int:
        """A result covers samples.

        Returns:
            How many of them were given up because results have gone on far beyond them.
        """
        covered, given_up = self._settle(start, end), self.lose(0, start - PATIENCE)
        self.answered += covered
        if covered:
            self.lost_at_end = 0
        return given_up

    def lose(self, start: int, end: int) -> int:
        """What is open of these samples will never be answered; they may be yet to come.

        Returns:
            How many samples that is, those to come not counted.
        """
        if end > self.captured:
            self._lost_to = max(self._lost_to, end)
        lost = self._settle(start, end)
        self.lost += lost
        self.lost_at_end += lost
        return lost

    def _settle(self, start: int, end: int) -> int:
        """Take samples out of what is open; how many were in it."""
        if not self._open or end <= self._open[0][0]:
            return 0
        rest: list[tuple[int, int]] = []
        settled = 0
        for first, last in self._open:
            cut_first, cut_last = max(first, start), min(last, end)
            if cut_first >= cut_last:
                rest.append((first, last))
                continue
            settled += cut_last - cut_first
            if first < cut_first:
                rest.append((first, cut_first))
            if cut_last < last:
                rest.append((cut_last, last))
        self._open = rest
        return settled
