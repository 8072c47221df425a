"""Addresses as users give them, and endpoints that are held and released."""

import asyncio

import pytest

from deeptone_tui.session import RemoteTarget, TargetError
from deeptone_tui.session.target import Providers


@pytest.mark.parametrize(
    ("given", "url"),
    [
        ("wss://api.oto.ai/stream", "wss://api.oto.ai/stream"),
        ("https://api.oto.ai", "wss://api.oto.ai/stream"),
        ("ws://127.0.0.1:8765/", "ws://127.0.0.1:8765/stream"),
        ("http://[::1]:8765/other", "ws://[::1]:8765/other"),
        (" wss://host/stream?tenant=a ", "wss://host/stream?tenant=a"),
    ],
)
async def test_an_address_becomes_one_of_a_websocket(given: str, url: str) -> None:
    """The scheme is a websocket's, a missing path is /stream, what else is asked for stays."""
    assert (await RemoteTarget(given).target()).url == url


@pytest.mark.parametrize(
    "given", ["", "host", "ftp://host", "ws://", "ws://host:99999", "ws://[::1"]
)
def test_an_impossible_address_gets_one_line(given: str) -> None:
    """It says what an address looks like, and does not repeat what was typed."""
    with pytest.raises(TargetError, match=r"^an address looks like .*$"):
        RemoteTarget(given)


async def test_a_key_in_the_address_moves_out_of_it() -> None:
    """It is used as the key and appears neither in the address nor in any text."""
    provider = RemoteTarget("wss://host/stream?api_key=hush&tenant=a")
    target = await provider.target()
    assert target.api_key == "hush"
    assert target.url == "wss://host/stream?tenant=a"
    assert "hush" not in repr(target) + provider.label


async def test_a_key_that_is_given_wins_over_one_in_the_address() -> None:
    """The option is what was meant last."""
    target = await RemoteTarget("ws://host?api_key=old", "new").target()
    assert target.api_key == "new"


def test_the_same_address_and_key_are_the_same_endpoint() -> None:
    """Whoever chooses it again has not chosen another."""
    chosen = RemoteTarget("ws://host", "key")
    assert chosen == RemoteTarget("http://host/stream?api_key=key")
    assert hash(chosen) == hash(RemoteTarget("ws://host", "key"))
    assert chosen != RemoteTarget("ws://host", "another")
    assert chosen != RemoteTarget("ws://elsewhere", "key")


@pytest.mark.parametrize("key", ["two words", "line\nbreak", "schlüssel", "nul\0"])
def test_a_key_that_no_header_can_carry_is_refused_without_repeating_it(key: str) -> None:
    """The message says what a key is, not what this one was."""
    with pytest.raises(TargetError) as caught:
        RemoteTarget("ws://host", key)
    assert key not in str(caught.value)


@pytest.mark.parametrize("name", ["models", "output_period", "volume_threshold", "sample_rate"])
def test_parameters_belong_into_their_options(name: str) -> None:
    """Otherwise the address and the options could contradict each other."""
    with pytest.raises(TargetError, match=name):
        RemoteTarget(f"ws://host/stream?{name}=1")


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
