"""The faults of the matrix, each with what is to be seen of it."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from random import Random

from faults.behaviours import (
    behave,
    closing,
    complaining,
    duplicating,
    falling_silent,
    late,
    shuffling,
    skipping,
    ungreeting,
)
from faults.rig import PERIOD, Rig
from support.endpoints.scripted_endpoint import Refusal, Script

from deeptone_tui.protocol import STEP_SAMPLES, StreamParameters

LOST = "the connection was lost"
LATEST = 60
"""Results that are in at most when a fault strikes at some other moment."""


async def nothing(_rig: Rig) -> None:
    """The endpoint's script is the fault."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One row."""

    name: str
    strikes: Callable[[Rig], Awaitable[None]] = nothing
    """Called when some results are in; brings the fault about, and heals it."""
    scripts: tuple[Script | Refusal, ...] = ()
    """How the endpoint is on its first connection, the second and so on."""
    words: tuple[str, ...] = ()
    """Parts of what has to be shown."""
    phases: tuple[str, ...] = ()
    """Phases of the session that have to be shown."""
    after: int = 5
    """Results that are in when it strikes."""
    pause: float = 0.0
    """Seconds after those."""
    reconnects: bool = True
    """Whether another connection is needed."""
    no_results: float = 200.0
    """Seconds of patience with an endpoint that says nothing: long where it is not about that."""
    refused: bool = False
    """Whether it ends with the session refused."""
    loses: int = STEP_SAMPLES - 1
    """Samples that may be left without a result: at the end, less than a step is."""

    def at_another_moment(self, random: Random) -> "Fault":
        """The same, striking elsewhere; what only a script does stays where the script does it."""
        if self.strikes is nothing:
            return self
        return replace(self, after=random.randint(1, LATEST), pause=random.uniform(0, 0.2))


async def _bad_for_a_while(rig: Rig, **conditions: float) -> None:
    rig.proxy.line.change(**conditions)
    await rig.sleep(5)
    rig.proxy.heal()


async def latency(rig: Rig) -> None:
    """Three tenths of a second each way."""
    await _bad_for_a_while(rig, latency=0.3)


async def jitter(rig: Rig) -> None:
    """Up to half a second each way."""
    await _bad_for_a_while(rig, latency=0.05, jitter=0.5)


async def narrow(rig: Rig) -> None:
    """64 kbit/s, a quarter of what the audio needs."""
    rig.proxy.line.change(rate=8_000)
    await rig.until(lambda state: state.counters.behind > 2 * 16_000, "a backlog")
    rig.proxy.heal()
    await rig.until(lambda state: state.counters.behind < 4_000, "the catching up")


async def slices(rig: Rig) -> None:
    """Pieces of one to 90 bytes."""
    await _bad_for_a_while(rig, slices=90)


async def stall(rig: Rig) -> None:
    """Nothing passes, until that is noticed."""
    rig.proxy.line.change(stalled=True)
    await rig.until(lambda state: state.session.phase == "retrying", "retrying")
    rig.proxy.heal()
    rig.proxy.reset()


async def short_stall(rig: Rig) -> None:
    """Nothing passes for a second, and nobody has to notice."""
    rig.proxy.line.change(stalled=True)
    await rig.sleep(1)
    rig.proxy.heal()


async def reset(rig: Rig) -> None:
    """RST."""
    rig.proxy.reset()


async def three_resets(rig: Rig) -> None:
    """One connection after the other."""
    for _ in range(3):
        rig.proxy.reset()
        await rig.results(5)


async def cut(rig: Rig) -> None:
    """FIN without a word."""
    rig.proxy.cut()


async def cut_after(rig: Rig) -> None:
    """Each connection ends after two and a half seconds of audio."""
    rig.proxy.line.change(cut_after=80_000)
    await rig.until(lambda _: rig.proxy.accepted >= 3, "a third connection")
    rig.proxy.heal()


async def half_close(rig: Rig) -> None:
    """FIN towards us only."""
    rig.proxy.half_close()


async def slow_close(rig: Rig) -> None:
    """The end of each side is told a second late."""
    rig.proxy.line.change(slow_close=1.0)


async def refuse(rig: Rig) -> None:
    """Connections are refused for a while."""
    rig.proxy.refuse()
    rig.proxy.reset()
    await rig.until(lambda state: state.session.attempt >= 3, "a third attempt")
    rig.proxy.heal()


async def hang(rig: Rig) -> None:
    """Connections are accepted, and nothing ever comes."""
    rig.proxy.hanging = True
    rig.proxy.reset()
    await rig.until(lambda state: "no answer" in state.session.message, "no answer")
    rig.proxy.heal()


async def twenty_changes(rig: Rig) -> None:
    """Of the threshold, each as soon as the one before is applied."""
    for number in range(1, 21):
        wanted = replace(PERIOD, volume_threshold=number / 1000)
        rig.monitor.apply(volume_threshold=wanted.volume_threshold)
        await _applied(rig, wanted)


async def refused_change(rig: Rig) -> None:
    """The new connection is not wanted; the old one goes on."""
    rig.monitor.apply(volume_threshold=0.5)


async def change_into_a_reset(rig: Rig) -> None:
    """Both connections break while one takes over: the change is done, or refused in words."""
    wanted = replace(PERIOD, volume_threshold=0.5)
    calls = rig.proxy.accepted
    rig.monitor.apply(volume_threshold=wanted.volume_threshold)
    await rig.until(lambda _: rig.proxy.accepted > calls, "the new connection")
    rig.proxy.reset()
    await rig.until(
        lambda state: state.session.applied == wanted or "refused" in rig.witness.words, "an end"
    )


async def _applied(rig: Rig, wanted: StreamParameters) -> None:
    await rig.until(lambda state: state.session.applied == wanted, "the change")


BREAK = closing(1006)
"""What a connection is on, before it is refused over HTTP."""

LINE = (
    Fault("latency", latency, reconnects=False),
    Fault("jitter", jitter, reconnects=False),
    Fault("rate", narrow, reconnects=False),
    Fault("slice", slices, reconnects=False),
    Fault("stall", stall, words=("no answer to a ping",), phases=("retrying",)),
    Fault("short stall", short_stall, reconnects=False),
    Fault("reset", reset, words=(LOST,), phases=("retrying",)),
    Fault("three resets", three_resets, words=(LOST,), phases=("retrying",)),
    Fault("cut", cut, words=(LOST,), phases=("retrying",)),
    Fault("cut after n bytes", cut_after, words=(LOST,), phases=("retrying",)),
    Fault("half-close", half_close, words=(LOST,), phases=("retrying",)),
    Fault("slow close", slow_close, reconnects=False),
    Fault("refuse", refuse, words=("connection refused",), phases=("retrying",)),
    Fault("accept and hang", hang, words=("no answer from",), phases=("retrying",)),
)

HANDSHAKE = (
    Fault("HTTP 401", scripts=(BREAK, Refusal(401)), words=("asks for an API key",), refused=True),
    Fault("HTTP 403", scripts=(BREAK, Refusal(403)), words=("asks for an API key",), refused=True),
    Fault("HTTP 404", scripts=(BREAK, Refusal(404)), words=("check the path",), refused=True),
    Fault(
        "HTTP 429",
        scripts=(BREAK, Refusal(429, {"Retry-After": "2"}), behave),
        words=("too many connections",),
        phases=("retrying",),
    ),
    Fault(
        "HTTP 503",
        scripts=(BREAK, Refusal(503), Refusal(503), behave),
        words=("is not available now",),
        phases=("retrying",),
    ),
)

CLOSES = (
    Fault("close 1001", scripts=(closing(1001), behave), words=("going away",)),
    Fault("close 1006", scripts=(closing(1006), behave), words=(LOST,)),
    Fault(
        "close 1008",
        scripts=(closing(1008),),
        words=("by its rules",),
        reconnects=False,
        refused=True,
    ),
    Fault(
        "close 1009", scripts=(closing(1009),), words=("too big",), reconnects=False, refused=True
    ),
    Fault("close 1011", scripts=(closing(1011), behave), words=("internal error",)),
    Fault(
        "an error message",
        scripts=(complaining("out of memory"), behave),
        words=("the endpoint said: out of memory",),
    ),
)

RESULTS = (
    Fault("no greeting", scripts=(ungreeting,), reconnects=False, loses=2047),
    Fault("late results", scripts=(late(periods=20),), reconnects=False),
    Fault("duplicate results", scripts=(duplicating,), reconnects=False),
    Fault("results out of order", scripts=(shuffling,), reconnects=False),
    Fault("a result left out", scripts=(skipping(period=9),), reconnects=False, loses=2048 + 1023),
    Fault(
        "silence from the start",
        after=0,
        scripts=(falling_silent(after=0), behave),
        words=("no result for",),
        no_results=20.0,
    ),
    Fault(
        "silence without end",
        scripts=(falling_silent(after=20), behave),
        words=("no result for",),
        no_results=20.0,
    ),
)

CHANGES = (
    Fault("twenty changes", twenty_changes),
    Fault(
        "a refused change",
        refused_change,
        scripts=(behave, Refusal(401)),
        words=("the change was refused",),
    ),
    Fault("a change into a reset", change_into_a_reset),
)

FAULTS = (*LINE, *HANDSHAKE, *CLOSES, *RESULTS, *CHANGES)
