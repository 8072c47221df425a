"""A link of 64 kbit/s for a minute under live audio, then open: ``make soak ARGS=--narrow-link``.

In real time, with the monitor as it is by default. It prints how far behind the monitor says
that it is, and takes about five minutes: what has gathered goes out at 1.25 times real time.
"""

import asyncio
import time

from faults.behaviours import verdict
from faults.rig import Rig, world
from faults.soak_figures import say
from faults.sources import LiveAudio, Tap, spoken
from faults.witness import Witness
from support.endpoints.scripted_endpoint import served

from deeptone_tui.monitor.handover import BufferOptions
from deeptone_tui.protocol import SAMPLE_RATE_HZ, StreamParameters
from deeptone_tui.session.connection import ConnectionOptions
from deeptone_tui.session.target import Target

RATE = 8_000
"""Bytes in a second: 64 kbit."""
NARROW = 60.0
"""Seconds."""
LONGEST = 600.0
"""Seconds after which it does not catch up any more."""
LEVEL = SAMPLE_RATE_HZ
"""Samples behind that are as good as none: a message is being filled."""


async def narrowed() -> list[str]:
    """Run it; what was wrong."""
    with world(1.0, ConnectionOptions(), link=BufferOptions(), no_results=20.0) as place:
        tap = Tap(lambda: LiveAudio(spoken(60.0), place.clock, place.sleep))
        witness = Witness(tap.audio)
        async with (
            served(verdict=verdict) as endpoint,
            place.attached(tap, Target(endpoint.url), witness, StreamParameters()) as rig,
        ):
            await rig.results(3)
            await _narrow(rig)
            tap.ending = True
            await rig.until_done()
            state = rig.monitor.state
    counters = state.counters
    say(f"at the end: {counters}")
    wrong = list(witness.complaints)
    if counters.lost >= 1024 or counters.captured != counters.answered + counters.lost:
        wrong.append(f"lost: {counters.lost}")
    if witness.furthest_behind < 30 * SAMPLE_RATE_HZ:
        wrong.append(f"it was never far behind: {witness.furthest_behind}")
    if rig.proxy.accepted != 1:
        wrong.append(f"{rig.proxy.accepted} connections")
    return wrong


async def _narrow(rig: Rig) -> None:
    """Narrow, open, level."""
    begun = time.monotonic()
    rig.proxy.line.change(rate=RATE)
    opened = False
    while rig.monitor.state.counters.behind > LEVEL or not opened:
        await asyncio.sleep(10)
        seconds = time.monotonic() - begun
        if seconds >= NARROW and not opened:
            opened = True
            rig.proxy.heal()
        state = rig.monitor.state
        say(
            f"{seconds:4.0f} s  {'open' if opened else 'narrow'}: "
            f"{state.counters.behind / SAMPLE_RATE_HZ:5.1f} s behind, "
            f"{state.counters.in_flight / SAMPLE_RATE_HZ:5.1f} s in flight, "
            f"{state.counters.lost} lost, {state.session.phase}"
        )
        if seconds > LONGEST:
            return
