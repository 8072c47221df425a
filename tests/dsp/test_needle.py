"""The ballistics of the VU needle."""

import math

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.linalg import expm
from support.sources.sounds import sine

from deeptone_tui.dsp import Samples, VuNeedle
from deeptone_tui.dsp.ballistics import AT_REST

RATE = 16_000
BLOCKS = st.lists(arrays(np.int16, st.integers(0, 2500)), max_size=4)


def readings(needle: VuNeedle, samples: Samples, block: int = 16) -> npt.NDArray[np.float64]:
    """Read the needle after each block of a millisecond."""
    read = []
    for start in range(0, len(samples), block):
        needle.feed(samples[start : start + block])
        read.append(needle.reading)
    return np.array(read)


def plain_needle(samples: Samples) -> float:
    """Solve the two first-order equations by matrix exponential, one sample after the other."""
    zeta, omega = 0.8127, 13.512
    system = np.zeros((3, 3))  # position, speed, and the input held over the sample
    system[0, 1] = 1.0
    system[1] = [-(omega**2), -2 * zeta * omega, omega**2]
    step = expm(system / RATE)
    position = speed = 0.0
    for sample in samples.tolist():
        state = step @ [position, speed, abs(sample) / 32768]
        position, speed = float(state[0]), float(state[1])
    return min(max(position * math.pi / (2 * math.sqrt(2)), 0.0), 1.0)


@settings(max_examples=25)
@given(BLOCKS)
@example([np.array([100], np.int16)])  # has begun to move, and is still under AT_REST
def test_the_needle_moves_as_the_plain_equations_do(blocks: list[Samples]) -> None:
    """Whatever the blocks, the reading is that of sample after sample; at rest it is 0."""
    needle = VuNeedle()
    for block in blocks:
        needle.feed(block)
    expected = plain_needle(np.concatenate([np.empty(0, np.int16), *blocks]))
    if needle.reading == 0.0:
        assert expected < AT_REST + 1e-12
    else:
        assert needle.reading >= AT_REST
        assert needle.reading == pytest.approx(expected, abs=1e-12)


def test_a_tone_reaches_99_percent_in_300_ms_and_overshoots_by_1_to_1_5_percent() -> None:
    """The two numbers of the standard, on a 1 kHz tone."""
    curve = readings(VuNeedle(), sine(3.0, hertz=1000))
    steady = curve[-1]
    assert 0.985 <= curve[299] / steady <= 0.995
    assert 1.010 <= curve.max() / steady <= 1.015


def test_the_needle_falls_as_it_rises() -> None:
    """After the tone ends, what it has left is what it lacked after the tone began."""
    needle = VuNeedle()
    rise = readings(needle, sine(3.0, hertz=1000))
    fall = readings(needle, np.zeros(RATE, np.int16))
    left = np.maximum(rise[-1] - rise[: RATE // 16], 0.0)  # the pin at 0 hides the undershoot
    assert np.abs(fall - left).max() < 0.002 * rise[-1]
    assert fall[299] / rise[-1] == pytest.approx(0.01, abs=0.005)
    assert fall.min() == 0.0


@pytest.mark.parametrize("frequency", [97, 997, 3001])
def test_a_steady_sine_reads_its_rms(frequency: float) -> None:
    """The calibration; frequencies that do not divide the rate, so that all phases are heard."""
    curve = readings(VuNeedle(), sine(3.0, hertz=frequency))
    assert curve[-1] == pytest.approx(0.5 / math.sqrt(2), rel=0.01)


@pytest.mark.parametrize("value", [-32768, 32767])
def test_the_needle_stops_at_its_pins(value: int) -> None:
    """A full-scale square has a larger mean than any sine; -32768 does not overflow."""
    needle = VuNeedle()
    assert needle.reading == 0.0
    needle.feed(np.full(RATE, value, np.int16))
    assert needle.reading == 1.0


def test_a_long_silence_brings_the_needle_to_rest() -> None:
    """No denormal numbers, no minus zero: 0."""
    needle = VuNeedle()
    needle.feed(sine(0.5, hertz=1000))
    needle.feed(np.zeros(RATE * 600, np.int16))
    assert needle.reading == 0.0
