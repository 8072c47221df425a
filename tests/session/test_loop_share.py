"""Messages that come without end leave the loop to others."""

import pytest

from deeptone_tui.session.loop_share import GRAIN_S, LoopShare


class Worked:
    """Time that is only spent at work, and the pauses that were made."""

    def __init__(self) -> None:
        self.now = 0.0
        self.pauses: list[float] = []
        self.share = LoopShare(lambda: self.now, self.pause)

    async def pause(self, seconds: float) -> None:
        """Note a pause."""
        self.pauses.append(seconds)

    async def take(self, seconds: float) -> None:
        """Take a message that costs so many seconds of work."""
        await self.share.end()
        self.share.begin()
        self.now += seconds


@pytest.mark.parametrize("cost", [1e-6, 1e-4, 0.02, 0.5])
async def test_the_loop_is_left_to_others_for_as_long_as_was_worked(cost: float) -> None:
    """And no more is done at once than a grain, or one message."""
    worked = Worked()
    for _ in range(20_000 if cost < GRAIN_S else 20):
        await worked.take(cost)
    assert worked.pauses
    assert sum(worked.pauses) == pytest.approx(worked.now, rel=0.3)
    assert max(worked.pauses) <= max(2 * GRAIN_S, cost * 1.01)


async def test_a_message_now_and_then_is_never_held_up() -> None:
    """Time in which nothing was to be done is nobody's."""
    worked = Worked()
    await worked.take(0.001)
    await worked.share.end()
    worked.now += 3600
    await worked.take(0.001)
    await worked.share.end()
    assert worked.pauses == []
