"""The preview shifted by some decibels, so that it measures as an endpoint that is not ours."""

from dataclasses import replace

import numpy as np

from deeptone_tui.dsp import from_dbfs
from deeptone_tui.monitor.state import LevelHistory, MonitorState


def shifted(state: MonitorState, decibels: float) -> MonitorState:
    """Shift everything that is compared with the threshold.

    The threshold itself is never touched: it is the endpoint's, and goes to it as it stands. What
    was clipped and what is digital zero stays so.

    Args:
        state: a state, shifted or not.
        decibels: how far its levels shall lie over the measured ones; 0 for the measured ones.
    """
    if decibels == state.shift:
        return state
    gain = from_dbfs(decibels - state.shift)
    meter, history = state.meter, state.history
    levels = history.levels * np.float32(gain)
    levels.flags.writeable = False
    return replace(
        state,
        meter=replace(meter, level=meter.level * gain, peak=meter.peak * gain, vu=meter.vu * gain),
        history=LevelHistory(history.first_step, levels),
        shift=decibels,
    )
