"""Spectrogram features of the networks: log-mel patches and mel windows. Numpy only.

Patches: the sound classifier was trained on the features of SIDEKIT: pre-emphasis 0.97 within each
frame, Hann window, 512-point transform, 24 triangular filters of equal area from 100 to 8000 Hz, of
which it uses the lower 21. In SIDEKIT the falling edge of each filter ends one bin early, and so it
does here.

Windows: the voice embedding was trained on power spectra (Hann window, 400 points, centred frames)
through 40 triangular filters on Slaney's mel scale, of audio raised to -30 dBFS if it is quieter.
"""

from functools import cache

import numpy as np
import numpy.typing as npt

from deeptone_tui.protocol import SAMPLE_RATE_HZ

Floats = npt.NDArray[np.float32]

FRAME_SAMPLES = 400
"""Samples per frame: 25 ms at 16 kHz."""
HOP_SAMPLES = 160
"""Samples from frame to frame: 10 ms."""

NYQUIST_HZ = SAMPLE_RATE_HZ / 2
TRANSFORM = 512
FILTERS = 24
PATCH_BANDS = 21
LOWEST, HIGHEST = 100.0, 8000.0  # Hz
PRE_EMPHASIS = np.float32(0.97)
FLOOR = np.float32(1e-20)  # added before the logarithm, for digital zero
PATCH_FRAMES = 68
MEL_BANDS = 40
WINDOW_FRAMES = 160
STRIDE = 80  # least distance of windows in frames
TARGET = 10.0 ** (-30.0 / 20.0)  # RMS

# Slaney's scale: linear up to 1000 Hz (15 mel), then 27 mel for each factor of 6.4.
KNEE_HZ, KNEE_MEL = 1000.0, 15.0
LOG_STEP = np.log(6.4) / 27.0


def overlapping(samples: Floats, length: int, hop: int) -> Floats:
    """View contiguous samples [n], n ≥ length, as [(n - length) // hop + 1, length].

    Not sliding_window_view of numpy, which costs as much as a call of a network.
    """
    count = (len(samples) - length) // hop + 1
    strides = (hop * samples.itemsize, samples.itemsize)
    return np.ndarray((count, length), samples.dtype, samples, strides=strides)


def framed(samples: Floats) -> Floats:
    """View samples [n], n ≥ 400, as frames of 25 ms every 10 ms."""
    return overlapping(samples, FRAME_SAMPLES, HOP_SAMPLES)


def power_spectra(frames: Floats, bins: int) -> Floats:
    """Return squared magnitudes of the ``bins``-point Fourier transform, [n, bins // 2 + 1]."""
    spectra = np.fft.rfft(frames, bins)
    power: Floats = (spectra.real**2 + spectra.imag**2).astype(np.float32, copy=False)
    return power


def frames_before(end: int) -> int:
    """Return the number of frames that lie wholly in the first ``end`` samples of a stream."""
    return max(0, (end - FRAME_SAMPLES) // HOP_SAMPLES + 1)


def frame_span(first: int, end: int) -> tuple[int, int]:
    """Return the half-open range of samples of frames ``first`` to ``end - 1``, end > first."""
    return first * HOP_SAMPLES, (end - 1) * HOP_SAMPLES + FRAME_SAMPLES


def log_mel(samples: Floats) -> Floats:
    """Return log energies of 21 bands, [(n - 400) // 160 + 1, 21], of n ≥ 400 samples in -1…1."""
    frames = framed(samples)
    emphasised = np.empty_like(frames)
    emphasised[:, 1:] = frames[:, 1:] - PRE_EMPHASIS * frames[:, :-1]
    emphasised[:, 0] = frames[:, 0] - PRE_EMPHASIS * frames[:, 0]
    emphasised *= np.hanning(FRAME_SAMPLES).astype(np.float32)
    energies: Floats = power_spectra(emphasised, TRANSFORM) @ _patch_filters()
    logarithms: Floats = np.log(energies + FLOOR)
    return logarithms


def log_mel_patches(samples: Floats, ends: list[int]) -> Floats:
    """Return patches that end at given frames, each normalised to mean 0 and deviation 1.

    Args:
        samples: [n], n ≥ 400, in -1…1.
        ends: frame counts: a patch holds the 68 frames before this one. If there are fewer (the
            stream has just begun), the available frames are repeated from the first.

    Returns:
        Patches of shape [len(ends), 68, 21].
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
    return np.resize(bands[:end], (PATCH_FRAMES, PATCH_BANDS))


@cache
def _patch_filters() -> Floats:
    """Return the lower 21 filters, [257, 21]."""
    top = 2595.0 * np.log10(1.0 + np.array([LOWEST, HIGHEST]) / 700.0)
    edges = 700.0 * (10.0 ** (np.linspace(top[0], top[1], FILTERS + 2) / 2595.0) - 1.0)
    low, centre, high = edges[:-2], edges[1:-1], edges[2:]
    bins = np.arange(TRANSFORM // 2 + 1)[:, np.newaxis]
    hertz = bins * (SAMPLE_RATE_HZ / TRANSFORM)
    rising = (hertz > low) & (hertz <= centre)
    falling = (hertz > centre) & (bins < np.floor(high * TRANSFORM / SAMPLE_RATE_HZ))
    shape = np.where(rising, (hertz - low) / (centre - low), 0.0)
    shape += np.where(falling, (high - hertz) / (high - centre), 0.0)
    scaled = shape * (2.0 / (high - low))
    return np.ascontiguousarray(scaled[:, :PATCH_BANDS], np.float32)


def mel(samples: Floats) -> Floats:
    """Return band powers [n // 160 + 1, 40] of samples [n] in -1…1, n ≥ 1, raised to -30 dBFS."""
    rms = np.sqrt(np.mean(samples**2) + 1e-12)
    raised = samples * np.float32(max(1.0, TARGET / rms))
    frames = framed(np.pad(raised, FRAME_SAMPLES // 2))
    window = (0.5 - 0.5 * np.cos(2 * np.pi * np.arange(FRAME_SAMPLES) / FRAME_SAMPLES)).astype(
        np.float32
    )
    bands: Floats = power_spectra(frames * window, FRAME_SAMPLES) @ _mel_filters()
    return bands


def mel_windows(samples: Floats) -> Floats:
    """Return windows [k, 160, 40] spread evenly over the samples, the newest first.

    Audio shorter than a window is padded with zeros at its end.
    """
    bands = mel(samples)
    spare = len(bands) - WINDOW_FRAMES
    if spare <= 0:
        padded: Floats = np.pad(bands, ((0, -spare), (0, 0)))[np.newaxis]
        return padded
    starts = np.linspace(spare, 0, 1 + spare // STRIDE).astype(int)
    return np.stack([bands[start : start + WINDOW_FRAMES] for start in starts])


@cache
def _mel_filters() -> Floats:
    """Return triangular filters of equal area, [201, 40]."""
    mels = np.linspace(0.0, KNEE_MEL + np.log(NYQUIST_HZ / KNEE_HZ) / LOG_STEP, MEL_BANDS + 2)
    edges = np.where(
        mels < KNEE_MEL,
        mels * (KNEE_HZ / KNEE_MEL),
        KNEE_HZ * np.exp(LOG_STEP * (mels - KNEE_MEL)),
    )
    low, centre, high = edges[:-2], edges[1:-1], edges[2:]
    hertz = np.linspace(0.0, NYQUIST_HZ, FRAME_SAMPLES // 2 + 1)[:, np.newaxis]
    shape = np.minimum((hertz - low) / (centre - low), (high - hertz) / (high - centre))
    filters: Floats = (np.maximum(shape, 0.0) * (2.0 / (high - low))).astype(np.float32)
    return filters
