"""Whether the endpoint calls the same periods silence as the preview does. Pure."""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from deeptone_tui.level import STEP_SAMPLES, period_is_silent
from deeptone_tui.monitor.state import Agreement, Entry

Levels = Callable[[int, int], npt.NDArray[np.float64] | None]
"""Exact levels of the absolute steps from the first number to before the second, if known."""


def agrees(entry: Entry, levels: Levels) -> bool | None:
    """Whether preview and endpoint say the same of a period.

    Args:
        entry: the endpoint's result.
        levels: the preview's levels.

    Returns:
        None when there is nothing to compare: no whole step, levels gone, or no verdict.
    """
    results = [answer.result for answer in entry.step.answers.values()]
    verdicts = [result for result in results if result is not None]
    first, remainder = divmod(entry.sample, STEP_SAMPLES)
    steps = entry.samples // STEP_SAMPLES
    if not verdicts or remainder or not steps:
        return None
    known = levels(first, first + steps)
    if known is None:
        return None
    preview = period_is_silent(known, entry.parameters.volume_threshold)
    return preview == ("silence" in verdicts)


def counted(agreement: Agreement, verdict: bool | None) -> Agreement:
    """The agreement with one more period, unless there was nothing to compare."""
    if verdict is None:
        return agreement
    return Agreement(agreement.compared + 1, agreement.agreed + verdict)
