"""What tune mode replays: the periods of the span, at the levels that are shown."""

from typing import TYPE_CHECKING

import numpy as np

from deeptone_tui.app.period_log import cut
from deeptone_tui.level import STEP_SAMPLES, from_dbfs
from deeptone_tui.protocol import SAMPLE_RATE
from deeptone_tui.tuning import Periods

if TYPE_CHECKING:
    from deeptone_tui.app.period_log import PeriodLog
    from deeptone_tui.app.view import View


def replayed(view: "View", log: "PeriodLog") -> Periods:
    """Collect the periods that lie wholly within the span; lengths are in samples.

    All time counts: whole periods that wait for their results, and those that never got one or
    were judged at another threshold, have a level too. Only what they hold is not known.

    Args:
        view: what is shown.
        log: the periods so far.
    """
    history, asked = view.state.history, view.in_force
    end = history.end_step * STEP_SAMPLES
    first = 0 if view.whole else end - view.span * SAMPLE_RATE
    kept = log.within(first, end)
    # The periods after the newest result go on where it ends.
    missed = max(-(-(first - log.end) // asked.period_samples), 0)
    tail = cut(history, log.end + missed * asked.period_samples, end, asked, rest=False)
    levels = kept["level"] * from_dbfs(view.state.shift)
    return Periods(
        np.concatenate((levels, tail["level"])),
        np.concatenate((kept["heard"], tail["heard"])),
        np.concatenate((kept["length"], tail["length"])),
    )
