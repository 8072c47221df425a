"""Endpoints that asked to be left alone."""

from support.time.clock import TurnedClock

from deeptone_tui.session.failures import Failure
from deeptone_tui.session.target import RemoteTarget
from deeptone_tui.session.timing import RetryAfterGate

HERE, THERE = RemoteTarget("ws://here/stream"), RemoteTarget("ws://there/stream")
BUSY = Failure("not available now", retry_after=60.0)


def test_it_is_left_alone_for_as_long_as_it_asked() -> None:
    """And the others are not."""
    clock = TurnedClock()
    barred = RetryAfterGate(clock)
    barred.note(HERE, BUSY)
    assert barred.left(HERE) == (BUSY, 60.0)
    assert barred.left(THERE) is None
    clock.now += 60.0
    assert barred.left(HERE) is None


def test_another_failure_does_not_lift_it() -> None:
    """A connection that was open all the while may break meanwhile."""
    clock = TurnedClock()
    barred = RetryAfterGate(clock)
    barred.note(HERE, BUSY)
    clock.now += 10.0
    barred.note(HERE, Failure("the connection was lost"))
    assert barred.left(HERE) == (BUSY, 50.0)


def test_what_it_says_last_stands() -> None:
    """It may need less time than it thought."""
    barred = RetryAfterGate(TurnedClock())
    barred.note(HERE, BUSY)
    sooner = Failure("not available now", retry_after=5.0)
    barred.note(HERE, sooner)
    assert barred.left(HERE) == (sooner, 5.0)
