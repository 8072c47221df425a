"""What is known of a stretch of audio: how loud each step is, what was heard in it, its periods."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt

from deeptone_tui.dsp import Levels

if TYPE_CHECKING:
    from collections.abc import Sequence

SPEECH: Final = 1
"""A step that the endpoint calls speech; a period of which at least half is speech."""
OTHER: Final = 0
"""A step that the endpoint calls something else; a period without any speech, which is a pause."""
UNKNOWN: Final = -1
"""Nobody has said what the step is; nothing is known of any step of the period."""
GATED: Final = -2
"""A step that was silence at the threshold that was applied, so that nobody has judged it."""
MIXED: Final = 2
"""A period that holds speech, but less than half: it counts as neither speech nor pause."""

Heard = npt.NDArray[np.int8]
"""`SPEECH`, `OTHER`, `UNKNOWN` or `GATED` for each step, shape (n,)."""
Kinds = npt.NDArray[np.int8]
"""`SPEECH`, `OTHER`, `MIXED` or `UNKNOWN` for each period, shape (m,)."""
Starts = npt.NDArray[np.int64]
"""Index of the first step of each period, rising from 0, shape (m,)."""


@dataclass(frozen=True, slots=True, eq=False)
class Evidence:
    """Steps of 64 ms, oldest first, and where the endpoint's periods begin among them.

    Raises:
        ValueError: when answers or periods do not fit the levels.
    """

    levels: Levels
    """Level of each step from 0 to 1, shape (n,), as `deeptone_tui.dsp.step_levels` gives it."""
    heard: Heard | None
    """What the endpoint says of each step at threshold 0, shape (n,); None: it was not asked."""
    starts: Starts
    """First step of each period, shape (m,), from 0; the last period ends with the steps."""

    def __post_init__(self) -> None:
        if self.levels.ndim != 1:
            raise ValueError(f"levels of steps in one dimension are needed, not {self.levels.ndim}")
        if self.heard is not None and self.heard.shape != self.levels.shape:
            raise ValueError(f"{self.heard.size} answers do not fit {self.levels.size} steps")
        inside = self.starts.size and self.starts[0] == 0 and self.starts[-1] < self.levels.size
        if not (inside if self.levels.size else not self.starts.size):
            raise ValueError(f"{self.starts.size} periods do not fit {self.levels.size} steps")

    @classmethod
    def cut(cls, levels: Levels, heard: Heard | None, period_steps: int) -> "Evidence":
        """Steps from the beginning of a stream, whose last period may be incomplete.

        Args:
            levels: of its steps, shape (n,).
            heard: what was heard in each, shape (n,), or None.
            period_steps: steps in a period, 1 or more.

        Raises:
            ValueError: when they do not fit, or a period has no steps.
        """
        return cls(levels, heard, recut(np.zeros(1, np.int64), levels.size, period_steps))

    @classmethod
    def joined(cls, parts: "Sequence[Evidence]") -> "Evidence":
        """Several stretches as one; it was heard if all of them were.

        Raises:
            ValueError: when there are none.
        """
        answers = [part.heard for part in parts if part.heard is not None]
        sizes = [part.levels.size for part in parts]
        offsets = np.cumsum([0, *sizes[:-1]])
        return cls(
            np.concatenate([part.levels for part in parts]),
            np.concatenate(answers) if len(answers) == len(parts) else None,
            np.concatenate([p.starts + n for p, n in zip(parts, offsets, strict=True)]),
        )


def recut(borders: Starts, steps: int, period_steps: int) -> Starts:
    """Cut stretches of steps into periods of a length.

    Args:
        borders: first step of each stretch, from 0, rising: where a connection began.
        steps: how many there are in all.
        period_steps: steps in a period, 1 or more; the last of a stretch may be shorter.

    Returns:
        First step of each period, shape (m,).

    Raises:
        ValueError: when a period has no steps.
    """
    if period_steps < 1:
        raise ValueError(f"a period of {period_steps} steps is not allowed: 1 or more")
    inside = borders[borders < steps]
    ends = np.append(inside, steps)[1:]
    parts = [
        np.arange(start, end, period_steps)
        for start, end in zip(inside.tolist(), ends.tolist(), strict=True)
    ]
    return np.concatenate(parts).astype(np.int64) if parts else np.empty(0, np.int64)
