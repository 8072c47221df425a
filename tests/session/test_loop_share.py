"""Messages that come without end leave the loop to others."""

import pytest

from deeptone_tui.session.connection import BURST_S, GRAIN_S, LoopShare


class Worked:
    """Time that is only spent at work, and the pauses that were made."""

    def __init__(self) -> None:
        self.now = 0.0
        self.pauses: list[float] = []
        self.wall = 0.0
        """Seconds of work and of pauses."""
        self.share = LoopShare(lambda: self.now, lambda: self.wall, self.pause)

    async def pause(self, seconds: float) -> None:
        """Note a pause."""
        self.pauses.append(seconds)
        self.wall += seconds

    async def take(self, seconds: float) -> None:
        """Take a message that costs so many seconds of work."""
        await self.share.end()
        self.share.begin()
        self.now += seconds
        self.wall += seconds


@pytest.mark.parametrize("cost", [1e-5, 1e-4, 0.02, 0.5])
async def test_the_loop_is_left_to_others_for_as_long_as_was_worked(cost: float) -> None:
    """And others get a turn after each grain, or message."""
    worked = Worked()
    for _ in range(max(20, round(2 / cost))):
        await worked.take(cost)
    assert worked.pauses
    assert sum(worked.pauses) == pytest.approx(worked.now, rel=0.3)
    assert max(worked.pauses) <= BURST_S + GRAIN_S + cost


async def test_a_message_now_and_then_is_never_held_up() -> None:
    """Time in which nothing was to be done is nobody's."""
    worked = Worked()
    await worked.take(0.001)
    await worked.share.end()
    worked.now += 3600
    worked.wall += 3600
    await worked.take(0.001)
    await worked.share.end()
    assert worked.pauses == []


async def test_messages_that_come_together_are_not_held_up() -> None:
    """Results after a pause of the endpoint: others get turns, and no time is left to nobody."""
    worked = Worked()
    for _ in range(9):
        await worked.take(0.01)
    await worked.share.end()
    assert len(worked.pauses) == 9
    assert sum(worked.pauses) == 0.0
