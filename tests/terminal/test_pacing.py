"""When there is room on the link."""

from collections import deque

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deeptone_tui.terminal.writer import FlowControl

TICK = 1 / 15
FRAME = 110
"""Bytes of a usual frame."""


class Link:
    """So many bytes a second, and so long for an answer besides."""

    def __init__(self, rate: float, delay: float) -> None:
        self.pace = FlowControl()
        self.now = 0.0
        self._rate, self._delay = rate, delay
        self._free = 0.0
        self._answers: deque[float] = deque()
        self.most_behind = 0.0
        """The longest, in seconds, that a frame was behind its sending."""

    def ask(self) -> None:
        """The first question, and its answer."""
        self.pace.ask(self.now)
        self.now += self._delay
        self.pace.answer(self.now)

    def tick(self, size: int) -> bool:
        """A frame is due; returns whether it was sent."""
        self.now += TICK
        while self._answers and self._answers[0] <= self.now:
            self.pace.answer(self._answers.popleft())
        if self.pace.wait(self.now) > 0:
            return False
        self._free = max(self._free, self.now) + size / self._rate
        self.most_behind = max(self.most_behind, self._free - self.now)
        if self.pace.send(size, self.now):
            self._answers.append(self._free + self._delay)
        return True


def test_a_slow_link_is_never_far_behind() -> None:
    """At 1 kB/s and a flood of frames, each arrives within two seconds."""
    link = Link(rate=1000, delay=0.05)
    link.ask()
    sent = sum(link.tick(600) for _ in range(600))
    assert link.most_behind < 2
    assert sent * 600 > 0.8 * 40 * 1000  # and it is used


@given(st.floats(500, 5000), st.floats(0, 0.3), st.integers(50, 700))
def test_no_link_gets_far_behind(rate: float, delay: float, size: int) -> None:
    """Bounded by the window, whatever rate, delay and frames are."""
    link = Link(rate, delay)
    link.ask()
    for _ in range(300):
        link.tick(size)
    assert link.most_behind < 2000 / rate + 0.5


@pytest.mark.parametrize("delay", [0.001, 0.05, 0.2, 0.3])
def test_a_fast_link_is_not_held(delay: float) -> None:
    """Far away, but wide: nearly every usual frame goes out."""
    link = Link(rate=1e6, delay=delay)
    link.ask()
    assert sum(link.tick(FRAME) for _ in range(600)) > 480


def test_a_terminal_that_never_answers_is_not_held() -> None:
    """Only what blocks holds it, and it is asked once."""
    pace = FlowControl()
    pace.ask(0)
    asked = 0
    for frame in range(100):
        assert pace.wait(frame * TICK) == 0
        asked += pace.send(5000, frame * TICK)
    assert asked == 0


def test_lost_answers_are_not_waited_for_for_ever() -> None:
    """As when somebody attaches again from elsewhere."""
    pace = FlowControl()
    pace.ask(0)
    pace.answer(0.1)
    while pace.wait(1) == 0:
        pace.send(400, 1)
    assert pace.wait(5) == pytest.approx(6)
    assert pace.wait(11) == 0
    assert not pace.awaits_answer


def test_what_nobody_asked_for_is_no_answer() -> None:
    """A key looks the same in some terminals."""
    assert not FlowControl().answer(0)


def test_two_updates_a_second_while_nobody_looks() -> None:
    """Without the focus; all of them with it."""
    pace = FlowControl()
    pace.focused = False
    sent = 0
    for tick in range(10 * 15):
        now = tick * TICK
        if pace.wait(now) == 0:
            pace.send(10, now)
            sent += 1
    assert sent in {19, 20}
    pace.focused = True
    assert pace.wait(10) == 0
