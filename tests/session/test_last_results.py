"""Results that are due when the audio is over: asked for again where the line kept them back."""

import asyncio
from collections.abc import Callable
from dataclasses import replace

import pytest
from support.endpoints.imagined_endpoint import GOOD, ImaginedEndpoint, ImaginedLink, Manners
from support.sessions.session_bench import PERIOD, SessionBench, imagined
from support.time.imagined_time import in_imagined_time

from deeptone_tui.protocol import (
    ErrorReported,
    Message,
    Step,
    StreamParameters,
    UnknownReceived,
)
from deeptone_tui.session.active_connection import Connect
from deeptone_tui.session.events import (
    AudioAbandoned,
    EndpointGreeted,
    RetryScheduled,
)
from deeptone_tui.session.interfaces import Link
from deeptone_tui.session.target import Target

LONG = replace(PERIOD, output_period=5120)
TWO_PERIODS = 2 * LONG.period_samples
ALL = TWO_PERIODS + 75_776
"""Samples: and 4.7 s of a third period."""


@in_imagined_time
async def streamed(
    *manners: Manners, samples: int = ALL, connecting: Connect | None = None
) -> SessionBench:
    """A stream of audio that ends in an incomplete period, as fast as it goes."""
    async with imagined(*manners, connecting=connecting, parameters=LONG) as bench:
        bench.buffer.begin(live=False, paced=False)
        bench.feed(samples)
        await bench.finish(within=300)
    return bench


def first_by(link: Callable[[], ImaginedLink]) -> Connect:
    """A connection of another kind, and proper ones after it."""
    polite, kinds = ImaginedEndpoint([GOOD]), iter([link])

    async def connect(target: Target, parameters: StreamParameters) -> Link:
        kind = next(kinds, None)
        return kind() if kind is not None else await polite.connect(target, parameters)

    return connect


@pytest.mark.parametrize(
    "first",
    [
        Manners(mute_after=ALL),
        Manners(mute_after=ALL, lives_for=1, code=1000),
        Manners(mute_after=ALL, lives_for=1, code=1005),
        Manners(mute_after=ALL, lives_for=1, code=1006),
        Manners(mute_after=ALL, lives_for=8, code=1006),
        Manners(mute_after=ALL, lives_for=8, code=1001),
        Manners(mute_after=0),
        Manners(mute_after=0, lives_for=8, code=1000),
        Manners(greets=False, mute_after=0, lives_for=1, code=1000),
        Manners(hello_after=4),
    ],
    ids=repr,
)
def test_the_incomplete_period_at_the_end_is_asked_for_again(first: Manners) -> None:
    """However the connection ends that has not answered it."""
    bench = streamed(first, GOOD)
    assert bench.ledger.answered == ALL
    assert not bench.all(AudioAbandoned)


def test_a_connection_that_brings_nothing_is_not_the_last() -> None:
    """The first one may have answered much, and the second one none of the rest."""
    bench = streamed(Manners(mute_after=TWO_PERIODS), Manners(mute_after=0), GOOD)
    assert not bench.all(AudioAbandoned)


def test_an_endpoint_that_goes_without_a_word_may_have_judged_the_end() -> None:
    """No whole period was due, and whether it knows of the end of audio is not known."""
    silent = Manners(hello_after=3, lives_for=1, code=1000)
    bench = streamed(silent, GOOD, samples=4096)
    assert bench.ledger.answered == 4096


def test_a_line_that_breaks_before_the_last_result_is_told() -> None:
    """However long after the last audio."""
    bench = streamed(Manners(mute_after=ALL, lives_for=8, code=1006), GOOD)
    assert "the connection was lost" in bench.all(RetryScheduled)[0].reason


@in_imagined_time
async def test_connections_for_other_audio_do_not_count() -> None:
    """A piece of audio in which nothing was due lies between two that were answered late."""
    silent = Manners(hello_after=3, lives_for=1, code=1000)
    manners = [silent, Manners(announces=False), Manners(mute_after=0), GOOD]
    async with imagined(*manners, parameters=LONG) as bench:
        bench.feed(4096)
        bench.buffer.cut()
        bench.feed(ALL)
        await bench.finish(within=300)
    (lost,) = bench.all(AudioAbandoned)
    assert (lost.start, lost.end) == (0, 4096)


def test_an_endpoint_that_brings_nothing_is_left() -> None:
    """Two connections in a row without a result are enough."""
    bench = streamed(Manners(mute_after=TWO_PERIODS), Manners(mute_after=0))
    assert len(bench.all(EndpointGreeted)) == 3
    (lost,) = bench.all(AudioAbandoned)
    assert (lost.start, lost.end) == (LONG.period_samples, ALL)


def test_what_an_endpoint_does_not_judge_is_not_asked_for_again() -> None:
    """It knows no end of the audio."""
    bench = streamed(Manners(announces=False))
    assert len(bench.all(EndpointGreeted)) == 1
    assert bench.ledger.lost == ALL - TWO_PERIODS


class Overloaded(ImaginedLink):
    """Says something before its greeting, and perhaps goes."""

    def __init__(self, message: Message, code: int | None) -> None:
        super().__init__(Manners(hello_after=0.5), LONG, lambda _audio: "speech")
        loop = asyncio.get_running_loop()
        loop.call_later(0.1, self._say, message)
        if code is not None:
            loop.call_later(0.2, self.end, code)


@pytest.mark.parametrize("code", [None, 1000, 1011, 1013])
@pytest.mark.parametrize("message", [ErrorReported("overloaded"), UnknownReceived("news", "rain")])
def test_a_word_before_the_greeting_says_nothing_of_the_end(
    message: Message, code: int | None
) -> None:
    """The greeting is waited for, or the end asked for again."""
    connecting = first_by(lambda: Overloaded(message, code))
    bench = streamed(connecting=connecting, samples=40_960)
    assert bench.ledger.answered == 40_960
    assert len(bench.bases()) == (1 if code is None else 2)


class Forgetful(ImaginedLink):
    """Leaves out one result, and closes after the last one."""

    def _answer(self, step: Step) -> None:
        if step.timestamp != LONG.output_period:
            super()._answer(step)


def test_a_result_that_was_left_out_before_the_last_is_asked_for_again() -> None:
    """What came after it is not lost by that, and told once."""
    forgetful = first_by(lambda: Forgetful(GOOD, LONG, lambda _audio: "speech"))
    bench = streamed(connecting=forgetful)
    assert not bench.all(AudioAbandoned)
    assert len(bench.covered()) == 3


def test_an_end_that_no_connection_survives_is_given_up() -> None:
    """What comes after it waits for that: a seek, or another device."""
    dies = Manners(mute_after=TWO_PERIODS, lives_for=8, code=1006)
    bench = streamed(dies)
    (lost,) = bench.all(AudioAbandoned)
    assert lost.end == ALL
    assert len(bench.all(EndpointGreeted)) < 10
