"""How loud the audio is, and what counts as silence. Numpy only, no input or output.

The definition, used alike by the preview on the screen and by the local endpoint (DeepTone's
own way of measuring volume was never published):

- Samples are signed 16-bit at 16 kHz; full scale is 32768.
- A *step* is 64 ms, which is 1024 samples, counted from the first sample of the stream.
- The *level* of a step is the root mean square of ``sample / 32768`` over its 1024 samples: a
  number from 0 to 1. In decibels, dBFS = 20 * log10(level), so a full-scale sine reads -3.0.
- A step is *silent* when its level is strictly less than ``volume_threshold``: a threshold of 0
  makes nothing silent, not even digital zero.
- A *period* (``output_period``, a whole number of steps) is ``silence`` when all its steps are
  silent.

What makes these levels misleading is named by `input_faults`, from the figures of an
`InputMeter` and of a `ChannelMeter`.

The meters (`VuNeedle`, `PeakHold`, `ClipCounter`, `StepMeter`) live in sample time: what they
read depends on the samples alone, not on the clock and not on how the samples were cut up.
"""

from deeptone_tui.dsp.ballistics import ClipCounter, PeakHold, VuNeedle
from deeptone_tui.dsp.input_faults import Fault, FaultKind, input_faults
from deeptone_tui.dsp.input_meter import ChannelFigures, ChannelMeter, InputMeter
from deeptone_tui.dsp.samples import (
    FULL_SCALE,
    NEAR_ZERO,
    NO_SAMPLES,
    SAMPLE_BYTES,
    Flags,
    Floats,
    Levels,
    Resampler,
    Samples,
    SlidingArray,
    StepMeter,
    Waveform,
    from_bytes,
    period_is_silent,
    runs,
    silent,
    step_levels,
    to_waveform,
)

__all__ = [
    "FULL_SCALE",
    "NEAR_ZERO",
    "NO_SAMPLES",
    "SAMPLE_BYTES",
    "ChannelFigures",
    "ChannelMeter",
    "ClipCounter",
    "Fault",
    "FaultKind",
    "Flags",
    "Floats",
    "InputMeter",
    "Levels",
    "PeakHold",
    "Resampler",
    "Samples",
    "SlidingArray",
    "StepMeter",
    "VuNeedle",
    "Waveform",
    "from_bytes",
    "input_faults",
    "period_is_silent",
    "runs",
    "silent",
    "step_levels",
    "to_waveform",
]
