"""Results that are due when the audio is over: asked for again where the line kept them back."""

import asyncio
from dataclasses import replace

import pytest
from support.imagined_endpoint import GOOD, ImaginedEndpoint, Manners
from support.imagined_time import run_at_once
from support.session_bench import PERIOD, SessionBench, session_with

from deeptone_tui.session.events import (
    AudioAbandoned,
    AudioFinished,
    EndpointGreeted,
    RetryScheduled,
)
from deeptone_tui.session.timing import Timing

LONG = replace(PERIOD, output_period=5120)
TWO_PERIODS = 2 * LONG.period_samples
ALL = TWO_PERIODS + 75_776
"""Samples: and 4.7 s of a third period."""


async def streamed(*manners: Manners, samples: int = ALL) -> SessionBench:
    """A stream of audio that ends in an incomplete period, as fast as it goes."""
    endpoint = ImaginedEndpoint(manners)
    timing = Timing(clock=asyncio.get_running_loop().time, random=lambda: 0.5)
    async with session_with(
        "ws://imagined/stream", parameters=LONG, timing=timing, connecting=endpoint.connect
    ) as bench:
        bench.buffer.begin(live=False, paced=False)
        bench.feed(samples)
        bench.buffer.finish()
        await bench.until(AudioFinished, within=300)
    return bench


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
    bench = run_at_once(streamed(first, GOOD))
    assert bench.ledger.answered == ALL
    assert not bench.all(AudioAbandoned)


def test_a_connection_that_brings_nothing_is_not_the_last() -> None:
    """The first one may have answered much, and the second one none of the rest."""
    bench = run_at_once(streamed(Manners(mute_after=TWO_PERIODS), Manners(mute_after=0), GOOD))
    assert not bench.all(AudioAbandoned)


def test_an_endpoint_that_goes_without_a_word_may_have_judged_the_end() -> None:
    """No whole period was due, and whether it knows of the end of audio is not known."""
    silent = Manners(hello_after=3, lives_for=1, code=1000)
    bench = run_at_once(streamed(silent, GOOD, samples=4096))
    assert bench.ledger.answered == 4096


def test_a_line_that_breaks_before_the_last_result_is_told() -> None:
    """However long after the last audio."""
    bench = run_at_once(streamed(Manners(mute_after=ALL, lives_for=8, code=1006), GOOD))
    assert "the connection was lost" in bench.all(RetryScheduled)[0].reason


def test_an_endpoint_that_brings_nothing_is_left() -> None:
    """Two connections in a row without a result are enough."""
    bench = run_at_once(streamed(Manners(mute_after=TWO_PERIODS), Manners(mute_after=0)))
    assert len(bench.all(EndpointGreeted)) == 3
    (lost,) = bench.all(AudioAbandoned)
    assert (lost.start, lost.end) == (LONG.period_samples, ALL)


def test_what_an_endpoint_does_not_judge_is_not_asked_for_again() -> None:
    """It knows no end of the audio."""
    bench = run_at_once(streamed(Manners(announces=False)))
    assert len(bench.all(EndpointGreeted)) == 1
    assert bench.ledger.lost == ALL - TWO_PERIODS
