"""Sliding array: the newest rows of a growing series, by their absolute index."""

from typing import Any, Generic, TypeVar

import numpy as np
import numpy.typing as npt

Scalar = TypeVar("Scalar", bound=np.generic)

_LEAST_ROWS = 1024  # of the first array, which doubles until it has room for what is kept


class SlidingArray(Generic[Scalar]):
    """The newest rows in one growing array, with views for readers.

    A view of `view` is read-only and never changes: new rows are only written after its end, and
    when the array is full, the newest ``kept`` rows move to a new one while old views keep the old.
    Rows that are written through `writable` change in views of them.

    Args:
        dtype: type of the values.
        kept: minimum number of rows kept, once there are so many.
        row: shape of a row; that of a single value by default.
        first: absolute index of the first row.
    """

    def __init__(
        self, dtype: type[Scalar], kept: int, *, row: tuple[int, ...] = (), first: int = 0
    ) -> None:
        self._kept = kept
        self._rows: npt.NDArray[Scalar] = np.empty((min(_LEAST_ROWS, 2 * kept), *row), dtype=dtype)
        self._count = 0
        self.first = first
        """Absolute index of the oldest row."""

    @property
    def end(self) -> int:
        """Absolute index after the newest row."""
        return self.first + self._count

    def append(self, rows: npt.NDArray[Any]) -> None:
        """Add rows, oldest first."""
        self._make_room(len(rows))
        self._rows[self._count : self._count + len(rows)] = rows
        self._count += len(rows)

    def view(self, first: int | None = None, end: int | None = None) -> npt.NDArray[Scalar]:
        """Return the rows from absolute index ``first`` to before ``end``; all by default.

        Raises:
            IndexError: if some of them are no longer, or not yet, there.
        """
        view = self.writable(
            self.first if first is None else first, self.end if end is None else end
        )
        view.flags.writeable = False
        return view

    def writable(self, first: int, end: int) -> npt.NDArray[Scalar]:
        """Return rows as in `view`, to be written."""
        if not self.first <= first <= end <= self.end:
            raise IndexError(f"{first} to {end} is not within {self.first} to {self.end}")
        return self._rows[first - self.first : end - self.first]

    def _make_room(self, rows: int) -> None:
        """Move the newest rows to a new array if there is no room for ``rows`` more."""
        if self._count + rows <= len(self._rows):
            return
        stays = min(self._count, self._kept)
        size = max(min(2 * len(self._rows), 2 * self._kept), stays + rows)
        larger = np.empty((size, *self._rows.shape[1:]), dtype=self._rows.dtype)
        larger[:stays] = self._rows[self._count - stays : self._count]
        self.first += self._count - stays
        self._rows, self._count = larger, stays
