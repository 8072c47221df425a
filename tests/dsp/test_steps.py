"""The level of a step, whole and in blocks."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from deeptone_tui.dsp import Samples, StepMeter, step_levels
from deeptone_tui.protocol import STEP_SAMPLES

EDGES = st.sampled_from([-32768, -32767, -1, 0, 1, 32767])
STREAMS = st.integers(0, 4 * STEP_SAMPLES).flatmap(
    lambda size: arrays(np.int16, size, elements=st.integers(-32768, 32767) | EDGES)
)
CUTS = st.lists(st.integers(0, 4 * STEP_SAMPLES), max_size=12)


def plain_levels(samples: Samples) -> list[float]:
    """Measure as the definition says it, one sample after the other."""
    values = samples.tolist()
    steps = range(0, len(values) - STEP_SAMPLES + 1, STEP_SAMPLES)
    sums = [sum(value * value for value in values[at : at + STEP_SAMPLES]) for at in steps]
    return [math.sqrt(total / STEP_SAMPLES) / 32768 for total in sums]


@given(STREAMS)
def test_whole_steps_have_the_level_of_the_definition(samples: Samples) -> None:
    """To the last bit, because sums of squares of integers are exact in float64."""
    whole = samples[: len(samples) // STEP_SAMPLES * STEP_SAMPLES]
    assert step_levels(whole).tolist() == plain_levels(samples)


@given(STREAMS, CUTS)
def test_levels_do_not_depend_on_how_the_stream_is_cut(samples: Samples, cuts: list[int]) -> None:
    """Any cutting gives bit for bit the levels of whole steps, and counts the rest."""
    meter = StepMeter()
    levels: list[float] = []
    for block in np.split(samples, sorted(cuts)):
        levels += meter.feed(block).tolist()
    assert levels == plain_levels(samples)
    assert meter.pending == len(samples) % STEP_SAMPLES


@pytest.mark.parametrize("first", [1, 320, 1023, 1024])
def test_a_step_is_measured_with_its_last_sample(first: int) -> None:
    """Not before, and not only when more arrives."""
    meter = StepMeter()
    samples = np.full(1024, -16384, np.int16)
    levels = [*meter.feed(samples[:first]), *meter.feed(samples[first:])]
    assert levels == [0.5]
    assert meter.pending == 0


def test_a_part_of_a_step_is_refused() -> None:
    """What is not a whole number of steps has no level yet."""
    with pytest.raises(ValueError, match="1000 samples are not a whole number of 1024"):
        step_levels(np.zeros(1000, np.int16))


@pytest.mark.parametrize(
    "samples", [np.zeros(1024), np.zeros((2, 1024), np.int16), np.zeros(1024, ">i2")]
)
def test_other_than_mono_native_int16_is_refused(samples: Samples) -> None:
    """Floats would be measured far too quiet, two channels as if they followed each other."""
    with pytest.raises(ValueError, match="int16 samples in one dimension are needed"):
        step_levels(samples)
    with pytest.raises(ValueError, match="int16 samples in one dimension are needed"):
        StepMeter().feed(samples)


def test_read_only_and_strided_samples_are_measured() -> None:
    """Blocks may be views of a ring, or of bytes that arrived."""
    stereo = np.arange(4096, dtype=np.int16)
    stereo.flags.writeable = False
    assert StepMeter().feed(stereo[::2]).tolist() == plain_levels(stereo[::2].copy())
