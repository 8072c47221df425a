"""Channels that are dead, or cancel each other in the mix."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.sources.scenes import captured, noise, talk

from deeptone_tui.dsp import (
    ChannelFigures,
    ChannelMeter,
    Fault,
    FaultKind,
    InputMeter,
    Samples,
    input_faults,
)


def figures(*channels: Samples) -> ChannelFigures:
    """What is measured of channels of 16 bits."""
    meter = ChannelMeter(32_768)
    meter.feed(np.stack(channels, axis=1))
    assert meter.figures is not None
    return meter.figures


def faults(*channels: Samples) -> tuple[Fault, ...]:
    """What is wrong with them, the mix apart."""
    return input_faults(InputMeter(60.0).figures(), figures(*channels))


def said(seed: int = 1, dbfs: float = -55.0) -> Samples:
    """Speech in a room."""
    speech = talk(-24.0, sentences=2)
    return captured(speech + noise("pink", len(speech), dbfs, seed))


ZERO = np.zeros_like(said())
DITHER = np.random.default_rng(1).integers(-2, 3, len(ZERO)).astype(np.int16)


@pytest.mark.parametrize(
    "dead",
    [ZERO, DITHER, DITHER + np.int16(300), captured(said() * 0.005)],
    ids=["zero", "dither", "dither with an offset", "crosstalk"],
)
def test_a_dead_channel_is_named_with_the_one_to_take(dead: Samples) -> None:
    """Whatever a converter makes of nothing."""
    (fault,) = faults(said(), dead)
    assert fault.kind is FaultKind.DEAD_CHANNEL
    assert fault.words == "Channel 2 is silent: the mix is 6 dB lower; --channel 1."
    (fault,) = faults(dead, said())
    assert fault.words == "Channel 1 is silent: the mix is 6 dB lower; --channel 2."


def test_dead_channels_of_many_are_counted() -> None:
    """One of sixteen is not worth a word."""
    (fault,) = faults(ZERO, said(), ZERO, ZERO)
    assert fault.words == "Channels 1, 3 and 4 are silent: the mix is 12 dB lower; --channel 2."
    assert faults(ZERO, *[said()] * 15) == ()


@pytest.mark.parametrize(
    "other",
    [
        said(),
        said(2),
        captured(said() * 0.05),
        captured(said() * -0.1),
        captured(noise("pink", len(ZERO), -30.0, 9)),
    ],
    ids=["the same", "another room", "26 dB lower", "20 dB lower, inverted", "something else"],
)
def test_two_channels_that_are_alive_have_no_fault(other: Samples) -> None:
    """They may be alike or not."""
    assert faults(said(), other) == ()


def test_channels_that_are_both_silent_have_no_fault() -> None:
    """Neither is better."""
    assert faults(ZERO, DITHER) == ()


def test_channels_that_cancel_are_named() -> None:
    """The same sound upside down, each with a little noise of its own."""
    left = captured(said() + noise("white", len(ZERO), -60.0, 3))
    right = captured(-1.0 * said() + noise("white", len(ZERO), -60.0, 4))
    (fault,) = faults(left, right)
    assert fault.kind is FaultKind.CANCELLING_CHANNELS
    assert fault.words.startswith("Channels 1 and 2 cancel each other: the mix is ")
    assert int(fault.words.split("the mix is ")[1].split()[0]) == pytest.approx(35, abs=5)
    assert fault.words.endswith("--channel 1.") or fault.words.endswith("--channel 2.")
    inverted = captured(-1.0 * said())
    (fault,) = faults(said(), inverted, said(), inverted)
    assert fault.words.startswith("The channels cancel each other")


@given(st.lists(st.integers(0, 2000), max_size=8))
@settings(max_examples=25)
def test_figures_do_not_depend_on_how_the_stream_is_cut(cuts: list[int]) -> None:
    """But for the order of rounding; what came since is the difference."""
    frames = np.random.default_rng(1).integers(-3000, 3000, (2000, 2)).astype(np.int16)
    meter, earlier = ChannelMeter(32_768), None
    for block in np.split(frames, sorted(cuts)):
        meter.feed(block)
        earlier = earlier or meter.figures
    assert meter.figures is not None
    assert meter.figures.frames == 2000
    assert meter.figures.powers() == pytest.approx(figures(*frames.T).powers())
    assert earlier is not None
    rest = meter.figures.since(earlier)
    if rest.frames > 1:
        wanted = figures(*frames[-rest.frames :].T).powers()
        assert rest.powers() == pytest.approx(wanted)


def test_nothing_has_no_power() -> None:
    """Before the first frame there are no figures; between the same two there is no power."""
    meter = ChannelMeter()
    meter.feed(np.empty((0, 2)))
    assert meter.figures is None
    same = figures(ZERO, ZERO)
    assert same.since(same).powers().tolist() == [0.0, 0.0, 0.0]
