"""The front ends against independent implementations."""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import pytest

from deeptone_tui.endpoint.engine.features import (
    frame_span,
    frames_before,
    log_mel,
    log_mel_patches,
    mel,
    mel_windows,
)

Floats = npt.NDArray[np.float32]
BANDS: dict[str, tuple[Callable[[Floats], Floats], float]] = {
    "logmel": (log_mel, 0.0),
    "mel": (mel, 1e-4),
}


@pytest.fixture
def cases(woman: npt.NDArray[np.int16], man: npt.NDArray[np.int16]) -> dict[str, Floats]:
    """The samples that the stored features were made of."""
    her, him = ((samples / 32768).astype(np.float32) for samples in (woman, man))
    return {
        "woman": her[:20000],
        "quiet": her[3000:14000] * np.float32(0.01),
        "loud": np.clip(him[20000:48000] * 4, -1, 1),
        "zero": np.zeros(2000, np.float32),
        "short": her[:450],
    }


@pytest.mark.parametrize("kind", BANDS)
@pytest.mark.parametrize("name", ["woman", "quiet", "loud", "zero", "short"])
def test_bands_equal_the_oracle(
    name: str, kind: str, cases: dict[str, Floats], oracles: dict[str, Floats]
) -> None:
    """Speech, quiet (which `mel` raises) and clipped speech, digital zero and a single frame."""
    made, rtol = BANDS[kind]
    expected = oracles[f"{kind}_{name}"]
    np.testing.assert_allclose(made(cases[name]), expected, atol=1e-4, rtol=rtol)


def test_patches_are_normalised_each_by_itself(cases: dict[str, Floats]) -> None:
    """Mean 0, deviation 1, whatever the level."""
    patches = log_mel_patches(cases["woman"], [70, 90, 123])
    assert patches.shape == (3, 68, 21)
    np.testing.assert_allclose(patches.mean(axis=(1, 2)), 0, atol=1e-4)
    np.testing.assert_allclose(patches.std(axis=(1, 2)), 1, atol=1e-3)
    quieter = log_mel_patches((cases["woman"] / 8).astype(np.float32), [70, 90, 123])
    np.testing.assert_allclose(quieter, patches, atol=1e-3)


def test_a_patch_at_the_beginning_repeats_what_there_is(cases: dict[str, Floats]) -> None:
    """Four frames fill 68."""
    patch = log_mel_patches(cases["woman"], [4])[0]
    np.testing.assert_array_equal(patch[:4], patch[4:8])
    np.testing.assert_array_equal(patch[:4], patch[64:])


def test_digital_zero_has_finite_features(cases: dict[str, Floats]) -> None:
    """No division by nothing."""
    assert np.isfinite(log_mel_patches(cases["zero"], [11])).all()
    assert np.isfinite(mel_windows(cases["zero"])).all()


@pytest.mark.parametrize(
    ("samples", "windows"), [(1024, 1), (25 * 1024, 1), (37 * 1024, 1), (49 * 1024, 2)]
)
def test_windows_cover_the_audio_from_its_end(samples: int, windows: int) -> None:
    """One window for up to 2.4 s, two for the whole field; the first one is the newest."""
    audio = np.zeros(samples, np.float32)
    audio[-160:] = 0.5
    made = mel_windows(audio)
    assert made.shape == (windows, 160, 40)
    assert made[0].max() == made.max() > 0


def test_frames_are_where_their_numbers_say() -> None:
    """Frame f covers the samples from 160 f to 160 f + 400."""
    assert [frames_before(end) for end in (0, 399, 400, 559, 560)] == [0, 0, 1, 1, 2]
    assert frame_span(3, 5) == (480, 1040)
    assert frames_before(frame_span(0, 68)[1]) == 68
