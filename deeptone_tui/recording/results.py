"""The results of a recording, found by their place and read when they are wanted.

A recording of days holds millions of them: only their places are kept in memory.
"""

import re
from array import array
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final
from urllib.parse import parse_qsl

import numpy as np
import numpy.typing as npt

from deeptone_tui.core.files import open_plain
from deeptone_tui.protocol import (
    ParameterError,
    ResultsReceived,
    Step,
    StreamParameters,
    parse_message,
)

_PLACE: Final = re.compile(rb'"sample":\s*(\d{1,15}),\s*"samples":\s*(\d{1,15})[,}]')
_ASKED: Final = re.compile(rb'"asked":\s*"([^"\\]{0,1000})"')
_LONGEST_BYTES: Final = 1 << 20
"""Bytes of a line; more is no result."""
MOST_RESULTS: Final = 20_000_000
"""Those of two weeks, one for each step; their places take 16 bytes each."""
_MOST_ASKED: Final = 1000
"""Questions that are remembered."""


@dataclass(frozen=True, slots=True)
class RecordedResult:
    """A result of a recording."""

    step: Step
    sample: int
    """Absolute index of the first sample it covers."""
    samples: int
    parameters: StreamParameters
    """What the endpoint was asked for when it answered."""

    @property
    def end(self) -> int:
        """Absolute index after the last sample it covers."""
        return self.sample + self.samples


class Results:
    """The results in the order of their places.

    Args:
        path: the file of lines; it need not be there.
        parameters: what was asked for where a line does not say.

    Raises:
        NotPlainError: when it is there, but no file.
        OSError: when it cannot be read.
    """

    def __init__(self, path: Path, parameters: StreamParameters) -> None:
        self._parameters = parameters
        self._file: BinaryIO | None = None
        self._asked: dict[bytes, StreamParameters] = {}
        self.unreadable = 0
        """Lines that are no results; one that was being written when all ended is not counted."""
        self.left_out = 0
        """Lines behind more results than are kept."""
        places = array("q")
        with suppress(FileNotFoundError):
            self._file = open_plain(path)
            places = self._find(self._file)
        found: npt.NDArray[np.int64] = np.array(places, dtype=np.int64).reshape(-1, 2)
        order = np.argsort(found[:, 0], kind="stable")
        self.starts: npt.NDArray[np.int64] = found[order, 0]
        """Absolute index of the first sample of each, ascending, shape (n,)."""
        self._offsets: npt.NDArray[np.int64] = found[order, 1]

    def __len__(self) -> int:
        return len(self.starts)

    def first_from(self, sample: int) -> int:
        """Number of the first result that begins at a sample or later."""
        return int(np.searchsorted(self.starts, sample, side="left"))

    def read(self, number: int) -> RecordedResult | None:
        """The result of a number; None when its line is no result after all.

        Raises:
            OSError: when the disk fails.
        """
        if self._file is None:
            return None
        self._file.seek(int(self._offsets[number]))
        line = self._file.readline(_LONGEST_BYTES).strip()
        place = _PLACE.search(line)
        message = parse_message(_ENVELOPE % line)
        if place is None or not isinstance(message, ResultsReceived):
            return None
        sample, samples = (int(digits) for digits in place.groups())
        return RecordedResult(message.steps[0], sample, samples, self._asked_in(line))

    def close(self) -> None:
        """Let go of the file."""
        if self._file is not None:
            self._file.close()

    def _find(self, file: BinaryIO) -> "array[int]":
        """Start and offset of every line that looks like a result, one after the other."""
        places = array("q")
        offset = 0
        while line := file.readline(_LONGEST_BYTES):
            found = _PLACE.search(line)
            whole = line.endswith(b"\n")
            if found is not None and line.rstrip().endswith(b"}") and line.startswith(b"{"):
                if len(places) < 2 * MOST_RESULTS:
                    places.extend((int(found[1]), offset))
                else:
                    self.left_out += 1
            elif whole or len(line) == _LONGEST_BYTES:
                self.unreadable += 1
            offset += len(line)
        return places

    def _asked_in(self, line: bytes) -> StreamParameters:
        """What was asked for, which is the same for many lines."""
        found = _ASKED.search(line)
        query = found[1] if found else b""
        if query not in self._asked:
            if len(self._asked) >= _MOST_ASKED:
                self._asked.clear()
            self._asked[query] = _read_query(query, self._parameters)
        return self._asked[query]


_ENVELOPE: Final = b'{"message_type":"results","results":{"channels":{"0":%s}}}'


def _read_query(query: bytes, otherwise: StreamParameters) -> StreamParameters:
    """The parameters of a query, as far as they can be read."""
    try:
        pairs = parse_qsl(query.decode("ascii", "replace"))
        return StreamParameters.from_query(pairs) if pairs else otherwise
    except (ParameterError, ValueError):
        return otherwise


def read_parameters(document: Mapping[str, object]) -> StreamParameters:
    """The parameters in the settings of a recording; the usual ones where there are none."""
    given = document.get("parameters")
    if not isinstance(given, dict):
        return StreamParameters()
    names = ("models", "output_period", "volume_threshold", "include_raw_values")
    values = {name: given[name] for name in names if name in given}
    models = values.get("models")
    try:
        if isinstance(models, list):
            values["models"] = tuple(models)
        return StreamParameters(**values)
    except (ParameterError, RecursionError, TypeError, ValueError):
        return StreamParameters()
