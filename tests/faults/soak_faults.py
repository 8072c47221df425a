"""The faults of the soak, in the order in which they strike."""

import itertools
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace

from faults.rig import Rig
from faults.soak_endpoint import NAMED

from deeptone_tui.protocol import StreamParameters

ASKED = StreamParameters()
"""As by default."""

Tell = Callable[[str], None]
"""Names how the endpoint is on its next connection."""
Fault = Callable[[Rig, Tell], Awaitable[None]]


async def reset(rig: Rig, _tell: Tell) -> None:
    """RST."""
    rig.proxy.reset()


async def cut(rig: Rig, _tell: Tell) -> None:
    """FIN."""
    rig.proxy.cut()


async def half_close(rig: Rig, _tell: Tell) -> None:
    """FIN towards the monitor."""
    rig.proxy.half_close()


async def slices(rig: Rig, _tell: Tell) -> None:
    """Small pieces for a while."""
    rig.proxy.line.change(slices=500)
    await rig.results(20)
    rig.proxy.heal()


async def latency(rig: Rig, _tell: Tell) -> None:
    """Late pieces for a while."""
    rig.proxy.line.change(latency=0.2, jitter=0.2)
    await rig.results(20)
    rig.proxy.heal()


async def narrow(rig: Rig, _tell: Tell) -> None:
    """A limited rate for a while."""
    rig.proxy.line.change(rate=64_000)
    await rig.results(20)
    rig.proxy.heal()


async def stall(rig: Rig, _tell: Tell) -> None:
    """Nothing passes for a second of the monitor's."""
    rig.proxy.line.change(stalled=True)
    await rig.sleep(1)
    rig.proxy.heal()


async def long_stall(rig: Rig, _tell: Tell) -> None:
    """Nothing passes until that is noticed."""
    calls = rig.proxy.accepted
    rig.proxy.line.change(stalled=True)
    await rig.until(lambda _: rig.proxy.accepted > calls, "another call")
    rig.proxy.heal()
    rig.proxy.reset()


async def refuse(rig: Rig, _tell: Tell) -> None:
    """Nobody listens for a while."""
    rig.proxy.refuse()
    rig.proxy.reset()
    await rig.until(lambda state: state.session.attempt >= 2, "a second attempt")
    rig.proxy.heal()


async def hang(rig: Rig, _tell: Tell) -> None:
    """Somebody listens and says nothing."""
    rig.proxy.hanging = True
    rig.proxy.reset()
    await rig.until(lambda state: "no answer" in state.session.message, "no answer")
    rig.proxy.heal()


async def change(rig: Rig, _tell: Tell) -> None:
    """Another threshold."""
    wanted = rig.monitor.state.session.applied or ASKED
    threshold = 0.01 if wanted.volume_threshold != 0.01 else 0.02
    wanted = replace(wanted, volume_threshold=threshold)
    rig.monitor.apply(volume_threshold=threshold)
    # A change whose connection fails is refused; that is told, and the old one goes on.
    long_after = rig.monitor.state.counters.results + 60
    await rig.until(
        lambda state: state.session.applied == wanted or state.counters.results >= long_after,
        "the change",
    )


def by_endpoint(name: str) -> Fault:
    """What the endpoint does on its next connection, which is needed now."""

    async def strike(rig: Rig, tell: Tell) -> None:
        calls = rig.proxy.accepted
        tell(name)
        rig.proxy.reset()
        await rig.until(lambda _: rig.proxy.accepted >= calls + 1, "another call")

    return strike


LINE = (reset, change, cut, slices, half_close, latency, narrow, change, stall, refuse)
SLOW = (long_stall, hang)
"""Those that take a second or two of a test's time come less often."""
EVERY = 3
"""Rounds of the others between them."""


def faults(*, scripted: bool) -> Sequence[Fault]:
    """In their order; then they come again."""
    by_script = [by_endpoint(name) for name in NAMED if name != "silence"] if scripted else []
    slow = [*SLOW, by_endpoint("silence")] if scripted else [*SLOW]
    rounds = [[*LINE, *by_script] * EVERY + [late] for late in slow]
    return list(itertools.chain.from_iterable(rounds))
