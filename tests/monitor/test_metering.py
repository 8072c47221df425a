"""What is measured of the captured audio."""

import numpy as np

from deeptone_tui.dsp import step_levels
from deeptone_tui.monitor.metering import MUTED_STEPS, Metering


def noise(steps: int, loudness: float = 3000.0) -> np.ndarray[tuple[int], np.dtype[np.int16]]:
    """Some audio."""
    random = np.random.default_rng(steps)
    return (random.standard_normal(steps * 1024) * loudness).astype(np.int16)


def test_levels_are_those_of_the_definition_to_the_last_bit() -> None:
    """However the audio is cut into blocks."""
    audio, metering = noise(40), Metering()
    for block in np.array_split(audio, 131):
        metering.feed(block)
    levels = metering.levels(0, 40)
    assert levels is not None
    assert np.array_equal(levels, step_levels(audio))
    assert metering.reading().level == step_levels(audio)[-1]
    history = metering.history()
    assert (history.first_step, history.end_step) == (0, 40)


def test_levels_that_are_not_there_are_none() -> None:
    """Neither the future nor what was dropped."""
    assert Metering().levels(0, 1) is None


def test_muted_means_half_a_second_of_nothing_but_zero() -> None:
    """One sample of one bit ends it; a short gap is not it."""
    metering = Metering()
    metering.feed(noise(3))
    metering.feed(np.zeros((MUTED_STEPS - 1) * 1024, dtype=np.int16))
    assert not metering.reading().muted
    metering.feed(np.zeros(1024, dtype=np.int16))
    assert metering.reading().muted
    metering.feed(np.array([1] + [0] * 1023, dtype=np.int16))
    assert not metering.reading().muted


def test_peaks_can_be_reset() -> None:
    """Clip lamp and peak mark, not the level."""
    metering = Metering()
    metering.feed(np.full(2048, 32767, dtype=np.int16))
    assert metering.reading().clips == 1
    assert metering.reading().peak > 0.99
    metering.reset_peaks()
    reading = metering.reading()
    assert (reading.clips, reading.peak) == (0, 0.0)
    assert reading.level > 0.99
