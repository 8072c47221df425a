"""Levels of the last quarter of an hour and more, shared without copying."""

from typing import Any, Generic, TypeVar

import numpy as np
import numpy.typing as npt

Width = TypeVar("Width", bound=np.floating[Any])

KEPT = 16_384
"""Steps that are kept at least, once there are so many: 17 minutes."""


class LevelTrack(Generic[Width]):
    """Step levels in one growing array, of which readers get views.

    A view is read-only and never changes: new levels are only written after its end, and when
    the array is full, the newest ``kept`` move to a new one while old views keep the old.

    Args:
        dtype: type of the levels.
        kept: steps that are always there.
    """

    def __init__(self, dtype: type[Width], *, kept: int = KEPT) -> None:
        self._kept = kept
        self._levels: npt.NDArray[Width] = np.empty(min(1024, 2 * kept), dtype=dtype)
        self._count = 0
        self.first_step = 0
        """Absolute index of the oldest step."""

    @property
    def end_step(self) -> int:
        """Absolute index after the newest step."""
        return self.first_step + self._count

    def append(self, levels: npt.NDArray[np.float64]) -> None:
        """Add levels, oldest first."""
        self._make_room(len(levels))
        self._levels[self._count : self._count + len(levels)] = levels
        self._count += len(levels)

    def view(self, first: int | None = None, end: int | None = None) -> npt.NDArray[Width]:
        """Levels of the absolute steps from ``first`` to before ``end``; all by default.

        Raises:
            IndexError: when some of them are not there any more, or not yet.
        """
        first = self.first_step if first is None else first
        end = self.end_step if end is None else end
        if not self.first_step <= first <= end <= self.end_step:
            raise IndexError(f"steps {first} to {end} are not kept")
        view = self._levels[first - self.first_step : end - self.first_step]
        view.flags.writeable = False
        return view

    def _make_room(self, levels: int) -> None:
        """Move to a larger array, or slide, when the levels do not fit any more."""
        if self._count + levels <= len(self._levels):
            return
        stays = min(self._count, self._kept)
        size = max(min(2 * len(self._levels), 2 * self._kept), stays + levels)
        larger = np.empty(size, dtype=self._levels.dtype)
        larger[:stays] = self._levels[self._count - stays : self._count]
        self.first_step += self._count - stays
        self._levels, self._count = larger, stays
