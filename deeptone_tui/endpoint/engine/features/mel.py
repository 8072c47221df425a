"""Mel windows for the voice embedding: 160 frames of 40 bands.

The network was trained on power spectra (Hann window, 400 points, centred frames) through 40
triangular filters on Slaney's mel scale, of audio that is raised to -30 dBFS where it is quieter.
"""

from functools import cache

import numpy as np

from deeptone_tui.endpoint.engine.features.frames import FRAME, Floats, framed, power_spectra

RATE = 16_000
BANDS = 40
WINDOW_FRAMES = 160
STRIDE = 80  # frames from window to window, at least
TARGET = 10.0 ** (-30.0 / 20.0)  # RMS

# Slaney's scale: linear up to 1000 Hz (15 mel), then 27 mel for each factor of 6.4.
KNEE_HZ, KNEE_MEL = 1000.0, 15.0
LOG_STEP = np.log(6.4) / 27.0


def mel(samples: Floats) -> Floats:
    """Band powers [n // 160 + 1, 40] of samples [n] in -1…1, n ≥ 1, raised to -30 dBFS."""
    rms = np.sqrt(np.mean(samples**2) + 1e-12)
    raised = samples * np.float32(max(1.0, TARGET / rms))
    frames = framed(np.pad(raised, FRAME // 2))
    window = (0.5 - 0.5 * np.cos(2 * np.pi * np.arange(FRAME) / FRAME)).astype(np.float32)
    bands: Floats = power_spectra(frames * window, FRAME) @ _filters()
    return bands


def mel_windows(samples: Floats) -> Floats:
    """Windows [k, 160, 40] over the samples, spread evenly; the first one holds the newest.

    Audio shorter than a window is followed by zeros.
    """
    bands = mel(samples)
    spare = len(bands) - WINDOW_FRAMES
    if spare <= 0:
        padded: Floats = np.pad(bands, ((0, -spare), (0, 0)))[np.newaxis]
        return padded
    starts = np.linspace(spare, 0, 1 + spare // STRIDE).astype(int)
    return np.stack([bands[start : start + WINDOW_FRAMES] for start in starts])


@cache
def _filters() -> Floats:
    """Triangles of equal area, [201, 40]."""
    mels = np.linspace(0.0, KNEE_MEL + np.log(RATE / 2 / KNEE_HZ) / LOG_STEP, BANDS + 2)
    edges = np.where(
        mels < KNEE_MEL,
        mels * (KNEE_HZ / KNEE_MEL),
        KNEE_HZ * np.exp(LOG_STEP * (mels - KNEE_MEL)),
    )
    low, centre, high = edges[:-2], edges[1:-1], edges[2:]
    hertz = np.linspace(0.0, RATE / 2, FRAME // 2 + 1)[:, np.newaxis]
    shape = np.minimum((hertz - low) / (centre - low), (high - hertz) / (high - centre))
    filters: Floats = (np.maximum(shape, 0.0) * (2.0 / (high - low))).astype(np.float32)
    return filters
