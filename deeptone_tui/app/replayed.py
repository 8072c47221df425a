"""The periods that the endpoint has judged at threshold 0, to replay every threshold on."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from deeptone_tui.app.heard import meaning_of
from deeptone_tui.level import STEP_SAMPLES, Levels
from deeptone_tui.tuning import Cost, Heard, cost_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from deeptone_tui.app.view import View
    from deeptone_tui.monitor.state import Entry


@dataclass(frozen=True, slots=True, eq=False)
class Replayed:
    """Whole periods within the span, oldest first.

    A period is silence when its loudest step is under the threshold, so one level each is enough
    for exactly what the endpoint would answer, wherever its connections began and ended.
    """

    levels: Levels
    """Of the loudest step of each period, shape (n,)."""
    heard: Heard
    """What the endpoint said of each, shape (n,)."""

    def cost(self, threshold: float) -> Cost:
        """What a threshold would do to them."""
        return cost_of(threshold, self.levels, self.heard)


def replayed(view: "View", entries: "Sequence[Entry]") -> Replayed:
    """Collect the periods of the span that is shown.

    Args:
        view: what is shown.
        entries: the results, oldest first; only those asked for at threshold 0 count.
    """
    levels, heard = view.span_levels, list[int]()
    first = view.state.history.end_step - len(levels)
    loudest: list[float] = []
    for entry in reversed(entries):
        start = entry.sample // STEP_SAMPLES - first
        end = start + -(-entry.samples // STEP_SAMPLES)
        if start < 0:
            break
        if entry.parameters.volume_threshold == 0 and start < end <= len(levels):
            loudest.append(float(levels[start:end].max()))
            heard.append(meaning_of(entry))
    return Replayed(np.array(loudest[::-1], np.float64), np.array(heard[::-1], np.int8))
