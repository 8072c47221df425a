"""Attack, hold and fall of the peak mark."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deeptone_tui.dsp import PeakHold, Samples
from deeptone_tui.protocol.units import to_dbfs

RATE = 16_000
MAGNITUDES = st.integers(0, 32767) | st.integers(0, 40) | st.sampled_from([-32768, 32767, -1])
GAPS = st.integers(0, 20) | st.integers(15_980, 16_020) | st.integers(0, 45_000)
STREAMS = st.lists(st.tuples(GAPS, MAGNITUDES), max_size=6)
CUTS = st.lists(st.integers(0, 150_000), max_size=12)


def stream(events: list[tuple[int, int]]) -> Samples:
    """Lay out single samples with so many zeros behind each."""
    parts = [np.array([value] + [0] * gap, np.int16) for gap, value in events]
    return np.concatenate([np.empty(0, np.int16), *parts])


def plain_peak(samples: Samples) -> float:
    """Move the mark as the definition says it, one sample after the other."""
    peak, age = 0, 0
    for sample in samples.tolist():
        age += 1
        if abs(sample) >= mark(peak, age):
            peak, age = abs(sample), 0
    return mark(peak, age) / 32768


def mark(peak: int, age: int) -> float:
    """Hold for 1 s, fall by 20 dB in 1.7 s, rest after 96 dB."""
    fallen = age - RATE
    if fallen <= 0:
        return peak
    return peak * 10 ** (-fallen / RATE / 1.7) if fallen < (1 << 17) - 1 else 0.0


@settings(max_examples=60)
@given(STREAMS, CUTS)
def test_the_mark_moves_as_sample_after_sample_would(
    events: list[tuple[int, int]], cuts: list[int]
) -> None:
    """However the stream is cut, at every cut."""
    samples = stream(events)
    whole, cut = PeakHold(), PeakHold()
    whole.feed(samples)
    for block in np.split(samples, sorted(cuts)):
        cut.feed(block)
    assert cut.reading == whole.reading
    assert whole.reading == pytest.approx(plain_peak(samples), rel=1e-9)


@settings(max_examples=20)
@given(st.integers(0, 2**32), st.sampled_from([1, 64, 320, 1024, 15_999, 16_000, 16_001]))
def test_a_falling_mark_over_noise_moves_as_sample_after_sample_would(
    seed: int, block: int
) -> None:
    """Noise that fades faster than the mark falls, and swells again: the mark is met midway."""
    random = np.random.default_rng(seed)
    size = 60_000
    swell = np.abs(np.cos(np.arange(size) * (math.pi / 50_000))) ** 8
    samples = (random.normal(0, 6000, size).clip(-32768, 32767) * swell).astype(np.int16)
    meter = PeakHold()
    for start in range(0, size, block):
        meter.feed(samples[start : start + block])
    assert meter.reading == pytest.approx(plain_peak(samples), rel=1e-9)


def test_the_mark_rises_at_once_holds_a_second_and_falls_20_db_in_1_7_s() -> None:
    """The numbers of the standard."""
    meter = PeakHold()
    meter.feed(np.array([0, -16_384, 0], np.int16))
    assert meter.reading == 0.5
    meter.feed(np.zeros(RATE - 1, np.int16))
    assert meter.reading == 0.5
    meter.feed(np.zeros(1, np.int16))
    assert meter.reading < 0.5
    meter.feed(np.zeros(round(1.7 * RATE) - 1, np.int16))
    assert to_dbfs(meter.reading) == pytest.approx(to_dbfs(0.5) - 20.0, abs=0.001)


@pytest.mark.parametrize("block", [1, 7, 320, 16_000, 20_000])
@pytest.mark.parametrize(("sample", "jumps"), [(32_765, True), (32_764, False)])
def test_a_sample_meets_the_mark_where_it_stands_at_that_sample(
    block: int, sample: int, jumps: bool
) -> None:
    """The mark of 32767 stands at 32764.2 one sample after its hold, and at 32761.4 after two."""
    samples = np.zeros(RATE + 2, np.int16)
    samples[[0, -1]] = -32767, sample
    meter = PeakHold()
    for start in range(0, len(samples), block):
        meter.feed(samples[start : start + block])
    assert (meter.reading * 32768 == sample) is jumps


def test_a_sample_under_the_held_mark_does_not_count_when_the_hold_ends_later_in_its_block() -> (
    None
):
    """It was under the mark when it came, and that it is above the later one changes nothing."""
    samples = np.zeros(RATE + 200, np.int16)
    samples[0], samples[RATE - 100] = 32_767, 32_700
    meter = PeakHold()
    meter.feed(samples[: RATE - 120])
    meter.feed(samples[RATE - 120 :])
    assert meter.reading < 32_700 / 32_768
    assert meter.reading == pytest.approx(plain_peak(samples), rel=1e-9)


def test_a_steady_tone_keeps_the_mark_up() -> None:
    """Every repetition of the largest sample begins the hold anew."""
    meter = PeakHold()
    for _ in range(50):
        meter.feed(np.array([9000, -9000] * 800, np.int16))
    meter.feed(np.zeros(RATE, np.int16))
    assert meter.reading == 9000 / 32768


def test_the_mark_comes_to_rest() -> None:
    """After a long silence it is 0, not next to nothing."""
    meter = PeakHold()
    meter.feed(np.array([30_000], np.int16))
    meter.feed(np.zeros(10 * RATE, np.int16))
    assert meter.reading == 0.0
    meter.feed(np.array([1], np.int16))
    assert meter.reading == 1 / 32768
