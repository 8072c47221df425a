"""What is known of a stretch of audio: how loud each step is, and what was heard in it."""

from dataclasses import dataclass, field
from typing import Final

import numpy as np
import numpy.typing as npt

from deeptone_tui.level import Levels

SPEECH: Final = 1
"""The endpoint calls the step speech."""
OTHER: Final = 0
"""The endpoint calls the step something else."""
UNKNOWN: Final = -1
"""Nobody has said what the step is."""

Heard = npt.NDArray[np.int8]
"""`SPEECH`, `OTHER` or `UNKNOWN` for each step, shape (n,)."""


@dataclass(frozen=True, slots=True, eq=False)
class Evidence:
    """Steps of 64 ms, oldest first.

    Raises:
        ValueError: when there is not one answer for each level.
    """

    levels: Levels
    """Level of each step from 0 to 1, shape (n,), as `deeptone_tui.level.step_levels` gives it."""
    heard: Heard | None = field(default=None)
    """What the endpoint says of each step at threshold 0, shape (n,); None: it was not asked."""

    def __post_init__(self) -> None:
        check(self.levels, self.heard)


def check(levels: Levels, heard: Heard | None) -> None:
    """See that there is one answer for each level.

    Raises:
        ValueError: when the shapes are not those of one stretch of audio.
    """
    if levels.ndim != 1:
        raise ValueError(f"levels of steps in one dimension are needed, not {levels.ndim}")
    if heard is not None and heard.shape != levels.shape:
        raise ValueError(f"{heard.size} answers do not fit {levels.size} steps")
