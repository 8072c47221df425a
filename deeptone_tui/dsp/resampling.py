"""Streaming conversion of any sample rate to 16 kHz."""

from typing import Any

import numpy as np

from deeptone_tui.dsp.samples import FULL_SCALE, NO_SAMPLES, Samples, Waveform
from deeptone_tui.protocol.constants import SAMPLE_RATE_HZ


def to_waveform(samples: Samples) -> Waveform:
    """Scale 16-bit samples to ±1.0, without rounding."""
    return samples.astype(np.float32) / np.float32(FULL_SCALE)


def to_samples(waveform: Waveform) -> Samples:
    """Scale to 16 bit, rounded and clipped. Samples that came from 16 bit are restored exactly."""
    scaled = np.rint(waveform * np.float32(FULL_SCALE))
    samples: Samples = np.clip(scaled, -FULL_SCALE, FULL_SCALE - 1).astype(np.int16)
    return samples


class Resampler:
    """Converter of a mono stream at any rate to 16-bit samples at 16 kHz.

    libsoxr at quality HQ: flat to 7.5 kHz, alias under −120 dB. It works on float32, because given
    16-bit samples it adds dither, which would turn the digital zero of a muted microphone into
    noise. It holds back up to 40 ms; time is counted in samples delivered.
    """

    def __init__(self, rate: int) -> None:
        self._rate = rate
        self._stream: Any = None
        self.clear()

    def clear(self) -> None:
        """Reset the stream, as after a seek."""
        if self._rate != SAMPLE_RATE_HZ:
            import soxr  # noqa: PLC0415  loaded only to resample

            self._stream = soxr.ResampleStream(
                self._rate, SAMPLE_RATE_HZ, 1, dtype="float32", quality="HQ"
            )

    def process(self, waveform: Waveform) -> Samples:
        """Take the next samples; return those at 16 kHz that are complete, often none."""
        if self._stream is not None:
            waveform = self._stream.resample_chunk(waveform)
        return to_samples(waveform)

    def process_samples(self, samples: Samples) -> Samples:
        """Take the next samples of 16 bit; those at 16 kHz already are returned as they are."""
        return samples if self._stream is None else self.process(to_waveform(samples))

    def flush(self) -> Samples:
        """End the stream and return the samples held back. ``clear`` before feeding again."""
        if self._stream is None:
            return NO_SAMPLES
        return to_samples(self._stream.resample_chunk(np.empty(0, dtype=np.float32), last=True))
