"""Thresholds as other programs would set them, as amplitudes from 0 to 1."""

import sys
from collections.abc import Callable, Mapping

import numpy as np

from bench.tuning.clips import Clip
from bench.tuning.fetch import auditok_wheel
from deeptone_tui.dsp import FULL_SCALE, step_levels
from deeptone_tui.protocol import DEFAULT_VOLUME_THRESHOLD
from deeptone_tui.protocol.units import from_dbfs

AUDITOK_WINDOW = 800
"""Samples: its default analysis window of 50 ms."""


def _auditok(clip: Clip, method: str) -> float:
    """The estimate of auditok 0.5.2 itself: decibels of 16-bit samples over its own windows."""
    wheel = str(auditok_wheel())
    if wheel not in sys.path:
        sys.path.append(wheel)
    from auditok import signal  # noqa: PLC0415  comes out of the wheel

    energies = signal.compute_frame_energies(clip.samples.tobytes(), 2, 1, AUDITOK_WINDOW)
    return from_dbfs(min(signal.estimate_energy_threshold(energies, method), 96.0)) / FULL_SCALE


def _speech_recognition(clip: Clip) -> float:
    """``Recognizer.adjust_for_ambient_noise`` with its defaults, written anew.

    For a second, by buffers of 1024 samples: a threshold that begins at 300 goes towards 1.5 times
    the buffer's RMS, damped by 0.15 a second. The package (3.17) does the same with PyAudio under
    it.
    """
    threshold, seconds = 300.0, 1024 / 16_000
    damping = 0.15**seconds
    for rms in step_levels(clip.samples[: 15 * 1024]) * FULL_SCALE:
        threshold = threshold * damping + 1.5 * float(rms) * (1 - damping)
    return threshold / FULL_SCALE


def _low_percentile(clip: Clip) -> float:
    """The tenth percentile of the steps that are not digital zero, and 6 dB."""
    levels = step_levels(clip.samples)
    sounding = levels[levels > 0]
    return float(np.percentile(sounding, 10)) * from_dbfs(6.0) if sounding.size else 0.0


PEERS: Mapping[str, Callable[[Clip], float]] = {
    "auditok, Otsu": lambda clip: _auditok(clip, "otsu"),
    "auditok, percentile": lambda clip: _auditok(clip, "percentile"),
    "SpeechRecognition": _speech_recognition,
    "10th percentile + 6 dB": _low_percentile,
    "fixed 0.005": lambda _: DEFAULT_VOLUME_THRESHOLD,
}
