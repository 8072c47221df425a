"""What the models say of real speech, and of what is none."""

from collections.abc import Awaitable, Callable

import numpy as np
import numpy.typing as npt
import pytest

from deeptone_tui.dsp import Samples
from deeptone_tui.protocol import CATALOGUE, Step

Judging = Callable[..., Awaitable[list[Step]]]
ALL = ("speech-rt", "speech", "gender")
SECONDS = np.arange(5 * 16384) / 16000


def results(steps: list[Step], model: str) -> list[str | None]:
    """The results of one model."""
    return [step.answers[model].result for step in steps]


@pytest.mark.parametrize("threshold", [0.0, 0.005])
@pytest.mark.parametrize("level", [1.0, 0.1])
async def test_speech_is_recognised(
    threshold: float, level: float, judge: Judging, woman: Samples, man: Samples
) -> None:
    """Of both voices, at their own level and 20 dB less."""
    for samples in (woman, man):
        quieter = (samples * level).astype(np.int16)
        gate = threshold * level
        steps = await judge(quieter, models=("speech-rt", "speech"), volume_threshold=gate)
        assert results(steps, "speech-rt") == ["speech"] * 5
        assert results(steps, "speech") == ["speech"] * 5


@pytest.mark.parametrize("period", [512, 1024, 3072])
async def test_gender_is_recognised(
    period: int, judge: Judging, woman: Samples, man: Samples
) -> None:
    """From the second period on at the latest; at no time the wrong one."""
    for samples, gender in ((woman, "female"), (man, "male")):
        named = results(await judge(samples, models=("gender",), output_period=period), "gender")
        assert set(named) <= {gender, "unknown", "no_speech"}
        assert set(named[-1024 * 3 // period :]) == {gender}


async def test_another_speaker_is_noticed(judge: Judging, woman: Samples, man: Samples) -> None:
    """Two periods after the change the answer is the other one."""
    steps = await judge(np.concatenate([woman, man, woman]), models=("gender",))
    named = results(steps, "gender")
    assert set(named[1:5]) == {"female"}
    assert set(named[7:10]) == {"male"}
    assert set(named[12:]) == {"female"}


@pytest.mark.parametrize(
    ("name", "sound"),
    [
        ("tone", np.sin(2 * np.pi * 1000 * SECONDS)),
        ("hum", np.sin(2 * np.pi * 50 * SECONDS) + np.sin(2 * np.pi * 150 * SECONDS) / 3),
        ("noise", np.random.default_rng(7).normal(size=len(SECONDS)) / 3),
    ],
)
async def test_tones_and_noise_are_not_speech(
    name: str, sound: npt.NDArray[np.float64], judge: Judging
) -> None:
    """Nor has anybody a gender there."""
    steps = await judge((sound * 3000).astype(np.int16), models=ALL)
    assert "speech" not in results(steps, "speech-rt") + results(steps, "speech"), name
    assert set(results(steps, "gender")) == {"no_speech"}


async def test_a_melody_is_music(judge: Judging) -> None:
    """Plucked strings (Karplus and Strong's), a chord every half second."""
    rng = np.random.default_rng(3)
    sound = np.zeros(6 * 16384)
    for start in range(0, len(sound), 8192):
        for pitch in rng.choice([196.0, 246.9, 293.7, 329.6, 392.0], size=3, replace=False):
            string = rng.uniform(-1, 1, round(16000 / pitch))
            for place in range(start, len(sound) - len(string), len(string)):
                sound[place : place + len(string)] += string
                string = 0.498 * (string + np.roll(string, -1))
    steps = await judge((sound * 3000).astype(np.int16), models=("speech-rt",))
    assert results(steps, "speech-rt").count("music") >= 4


async def test_raw_values_are_there_in_every_period(
    judge: Judging, woman: Samples, man: Samples
) -> None:
    """The model's own classes, a sum of 1, four decimals; in speech, no speech and silence.

    Beside them is an answer of every model, one of the documented.
    """
    noise = np.random.default_rng(7).normal(size=32768) * 2000
    quiet = np.zeros(16384, np.int16)
    audio = np.concatenate([quiet, woman, noise.astype(np.int16), quiet, man])
    steps = await judge(audio, models=ALL, output_period=256, include_raw_values=True)
    for step in steps:
        assert step.raw is not None
        assert set(step.answers) == set(step.raw) == set(ALL)
        for model, raw in step.raw.items():
            assert set(raw) == set(CATALOGUE[model].classes)
            assert sum(round(value * 10_000) for value in raw.values()) == 10_000
            answer = step.answers[model]
            assert answer.result in CATALOGUE[model].results
            assert answer.confidence is not None
            assert 0 <= answer.confidence <= 1
            if answer.result in raw:
                assert answer.confidence == raw[str(answer.result)] == max(raw.values())


async def test_gender_has_values_where_nobody_speaks(judge: Judging, woman: Samples) -> None:
    """Even ones before any speech, those of the last speech after it."""
    quiet = np.zeros(2 * 16384, np.int16)
    steps = await judge(
        np.concatenate([quiet, woman, quiet]), models=("gender",), include_raw_values=True
    )
    values = [step.raw["gender"]["female"] for step in steps if step.raw]
    assert values[:2] == [0.5, 0.5]
    assert values[-1] == values[-2] == values[-3] == steps[6].answers["gender"].confidence
    assert results(steps, "gender")[-1] == "silence"


async def test_voice_models_share_the_detectors_certainty(judge: Judging, woman: Samples) -> None:
    """``no_speech`` is as certain as speech-rt is that there is none."""
    noise = (np.random.default_rng(7).normal(size=32768) * 2000).astype(np.int16)
    steps = await judge(
        np.concatenate([noise, woman]), models=("speech-rt", "gender"), include_raw_values=True
    )
    for step in steps:
        assert step.raw
        speech = step.raw["speech-rt"]["speech"]
        gender = step.answers["gender"]
        assert (step.answers["speech-rt"].result == "speech") == (gender.result != "no_speech")
        if gender.result == "no_speech":
            assert gender.confidence == pytest.approx(1 - speech, abs=1e-9)
