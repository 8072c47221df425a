"""Endpoints that are held and released."""

import asyncio

from deeptone_tui.session.target import Providers, RemoteTarget


class Slow(RemoteTarget):
    """An endpoint that takes a moment to go."""

    def __init__(self, host: str) -> None:
        super().__init__(f"ws://{host}/stream")
        self.may_go = asyncio.Event()
        self.begun = self.gone = 0

    async def close(self) -> None:
        """Count the beginnings and the ends."""
        self.begun += 1
        await self.may_go.wait()
        self.gone += 1


async def test_an_endpoint_that_is_being_released_is_so_once_and_waited_for() -> None:
    """A session that ends in that moment leaves no child behind."""
    old, new = Slow("old"), Slow("new")
    new.may_go.set()
    providers = Providers(old)
    providers.add(new)
    providers.add(new)
    providers.keep([new])
    await asyncio.sleep(0)
    ending = asyncio.ensure_future(providers.close())
    await asyncio.sleep(0)
    assert not ending.done()
    old.may_go.set()
    await asyncio.wait_for(ending, 1)
    assert (old.begun, old.gone) == (1, 1)
    assert (new.begun, new.gone) == (1, 1)
