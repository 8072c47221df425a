"""Log-mel patches for the speech/music/noise network: 68 frames of 21 bands.

The network was trained on the features of SIDEKIT: pre-emphasis 0.97 within each frame, Hann
window, 512-point transform, 24 triangular filters of equal area from 100 to 8000 Hz, of which it
sees the lower 21. The falling edge of each filter ends one bin early there, and so it does here.
"""

from functools import cache

import numpy as np

from deeptone_tui.endpoint.engine.features.frames import FRAME, Floats, framed, power_spectra

RATE = 16_000
TRANSFORM = 512
FILTERS = 24
BANDS = 21
LOWEST, HIGHEST = 100.0, 8000.0  # Hz
PRE_EMPHASIS = np.float32(0.97)
FLOOR = np.float32(1e-20)  # under the logarithm, for digital zero
PATCH_FRAMES = 68


def log_mel(samples: Floats) -> Floats:
    """Log energies of the 21 bands, [(n - 400) // 160 + 1, 21], of at least 400 samples in -1…1."""
    frames = framed(samples)
    emphasised = np.empty_like(frames)
    emphasised[:, 1:] = frames[:, 1:] - PRE_EMPHASIS * frames[:, :-1]
    emphasised[:, 0] = frames[:, 0] - PRE_EMPHASIS * frames[:, 0]
    emphasised *= np.hanning(FRAME).astype(np.float32)
    energies: Floats = power_spectra(emphasised, TRANSFORM) @ _filters()
    logarithms: Floats = np.log(energies + FLOOR)
    return logarithms


def log_mel_patches(samples: Floats, ends: list[int]) -> Floats:
    """Patches that end at given frames, each normalised to mean 0 and deviation 1.

    Args:
        samples: [n], at least 400, in -1…1.
        ends: frame counts: a patch holds the 68 frames before this one. Where there are fewer
            (the stream has just begun), the frames that are there are repeated from the first.

    Returns:
        [len(ends), 68, 21].
    """
    bands = log_mel(samples)
    patches = np.stack([_patch(bands, end) for end in ends])
    mean = patches.mean(axis=(1, 2), keepdims=True)
    deviation = patches.std(axis=(1, 2), keepdims=True) + np.float32(1e-9)
    normalised: Floats = (patches - mean) / deviation
    return normalised


def _patch(bands: Floats, end: int) -> Floats:
    if end >= PATCH_FRAMES:
        return bands[end - PATCH_FRAMES : end]
    return np.resize(bands[:end], (PATCH_FRAMES, BANDS))


@cache
def _filters() -> Floats:
    """The lower 21 filters, [257, 21]."""
    top = 2595.0 * np.log10(1.0 + np.array([LOWEST, HIGHEST]) / 700.0)
    edges = 700.0 * (10.0 ** (np.linspace(top[0], top[1], FILTERS + 2) / 2595.0) - 1.0)
    low, centre, high = edges[:-2], edges[1:-1], edges[2:]
    bins = np.arange(TRANSFORM // 2 + 1)[:, np.newaxis]
    hertz = bins * (RATE / TRANSFORM)
    rising = (hertz > low) & (hertz <= centre)
    falling = (hertz > centre) & (bins < np.floor(high * TRANSFORM / RATE))
    shape = np.where(rising, (hertz - low) / (centre - low), 0.0)
    shape += np.where(falling, (high - hertz) / (high - centre), 0.0)
    scaled = shape * (2.0 / (high - low))
    return np.ascontiguousarray(scaled[:, :BANDS], np.float32)
