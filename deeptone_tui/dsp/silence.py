"""Which steps and periods are silence at a threshold. The one place where `<` is decided."""

import numpy as np
import numpy.typing as npt


def silent(levels: npt.ArrayLike, threshold: float) -> npt.NDArray[np.bool_]:
    """Tell for each step whether it is silent: its level strictly less than the threshold.

    Args:
        levels: Levels from 0 to 1, any shape, as `step_levels` gives them.
        threshold: ``volume_threshold``, from 0 (nothing is silent) to 1.

    Returns:
        Booleans in the shape of ``levels``.
    """
    # As float64, because numpy would round the threshold to the type of a float32 array, and a
    # level just under it would become one that is not.
    return np.asarray(np.asarray(levels, dtype=np.float64) < threshold)


def period_is_silent(levels: npt.ArrayLike, threshold: float) -> bool:
    """Tell whether a period is silence: it has steps, and all of them are silent."""
    steps = silent(levels, threshold)
    return steps.size > 0 and bool(steps.all())
