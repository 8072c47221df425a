"""What is silence, and what the models answer beside it."""

from collections.abc import Awaitable, Callable

import numpy as np
import pytest

from deeptone_tui.dsp import Samples, period_is_silent, step_levels
from deeptone_tui.protocol import Answer, Step

Judging = Callable[..., Awaitable[list[Step]]]
ALL = ("speech-rt", "speech", "gender")


def square(amplitudes: list[int]) -> Samples:
    """Steps of a square wave, the level of each exactly amplitude / 32768."""
    signs = np.resize(np.repeat([1, -1], 20), len(amplitudes) * 1024)
    return (np.repeat(amplitudes, 1024) * signs).astype(np.int16)


@pytest.mark.parametrize(
    ("amplitude", "silent"), [(255, True), (256, False), (257, False)], ids=["under", "at", "over"]
)
async def test_a_level_at_the_threshold_is_not_silent(
    amplitude: int, silent: bool, judge: Judging
) -> None:
    """Strictly less is."""
    steps = await judge(square([amplitude] * 16), models=ALL, volume_threshold=256 / 32768)
    for answer in steps[0].answers.values():
        assert (answer == Answer("silence", 1.0)) is silent


async def test_threshold_zero_makes_nothing_silent(judge: Judging) -> None:
    """Not even digital zero."""
    steps = await judge(np.zeros(16384, np.int16), models=ALL, volume_threshold=0.0)
    assert {model: steps[0].answers[model].result for model in ALL} == {
        "speech-rt": "other",
        "speech": "other",
        "gender": "no_speech",
    }


@pytest.mark.parametrize("threshold", [0.0, 0.0005, 0.002, 0.005, 0.02, 0.05, 0.1, 0.2, 0.3, 0.5])
@pytest.mark.parametrize("period", [64, 1024])
async def test_silence_is_what_the_preview_says(
    threshold: float, period: int, judge: Judging, woman: Samples
) -> None:
    """Period by period, at ten thresholds, by the functions of deeptone_tui.dsp."""
    steps = await judge(woman, output_period=period, volume_threshold=threshold)
    levels = step_levels(woman).reshape(-1, period // 64)
    expected = [period_is_silent(own, threshold) for own in levels]
    assert [step.answers["speech-rt"].result == "silence" for step in steps] == expected


async def test_the_detector_hears_what_is_under_the_threshold(
    judge: Judging, woman: Samples
) -> None:
    """In silence the raw values of speech are those of all steps; the rest is other."""
    gated = await judge(woman, volume_threshold=1.0, include_raw_values=True)
    open_ = await judge(woman, volume_threshold=0.0, include_raw_values=True)
    for closed, heard in zip(gated, open_, strict=True):
        assert closed.raw
        assert heard.raw
        assert closed.raw["speech-rt"]["speech"] == heard.raw["speech-rt"]["speech"]
        assert closed.raw["speech-rt"]["music"] == 0


async def test_answers_leave_out_the_silent_steps(judge: Judging, woman: Samples) -> None:
    """Half a period of speech and half of near silence is speech, if the gate takes the rest."""
    half = np.concatenate([woman[24576:32768], np.zeros(8192, np.int16)])
    gated = await judge(half, volume_threshold=0.005)
    open_ = await judge(half, volume_threshold=0.0)
    assert gated[0].answers["speech-rt"].result == "speech"
    confidence = gated[0].answers["speech-rt"].confidence
    assert confidence
    assert confidence > (open_[0].answers["speech-rt"].confidence or 0) + 0.2
