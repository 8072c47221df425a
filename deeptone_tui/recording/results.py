"""Results of a recording, indexed by position and read on demand.

A recording of days holds millions of them: only their positions are kept in memory.
"""

import re
from array import array
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
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
"""Maximum bytes of a line; a longer one is no result."""
MOST_RESULTS: Final = 20_000_000
"""Maximum number of results: two weeks, one for each step; their positions take 16 bytes each."""


@dataclass(frozen=True, slots=True)
class RecordedResult:
    """Result of a recording."""

    step: Step
    sample: int
    """Absolute index of the first sample it covers."""
    samples: int
    parameters: StreamParameters
    """Parameters in force when the endpoint answered."""

    @property
    def end(self) -> int:
        """Absolute index after the last sample it covers."""
        return self.sample + self.samples


class Results:
    """Results in the order of their positions.

    Args:
        path: the file of lines; may be missing.
        parameters: the parameters for lines that state none.

    Raises:
        NotPlainError: if the path is there, but is no file.
        OSError: if it cannot be read.
    """

    def __init__(self, path: Path, parameters: StreamParameters) -> None:
        self._parameters = parameters
        self._file: BinaryIO | None = None
        self.unreadable = 0
        """Number of lines that are no results, without a last line that was cut off."""
        self.left_out = 0
        """Number of lines beyond `MOST_RESULTS`."""
        places = array("q")
        with suppress(FileNotFoundError):
            self._file = open_plain(path)
            places = self._find(self._file)
        found: npt.NDArray[np.int64] = np.array(places, dtype=np.int64).reshape(-1, 2)
        order = np.argsort(found[:, 0], kind="stable")
        self.starts: npt.NDArray[np.int64] = found[order, 0]
        """Absolute index of the first sample of each result, ascending, shape (n,)."""
        self._offsets: npt.NDArray[np.int64] = found[order, 1]

    def __len__(self) -> int:
        return len(self.starts)

    def first_from(self, sample: int) -> int:
        """Return the number of the first result that begins at ``sample`` or later."""
        return int(np.searchsorted(self.starts, sample, side="left"))

    def read(self, number: int) -> RecordedResult | None:
        """Return the result with a number; None if its line turns out to be no result.

        Raises:
            OSError: if the disk fails.
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
        query = _ASKED.search(line)
        asked = _read_query(query[1] if query else b"", self._parameters)
        return RecordedResult(message.steps[0], sample, samples, asked)

    def close(self) -> None:
        """Close the file."""
        if self._file is not None:
            self._file.close()

    def _find(self, file: BinaryIO) -> "array[int]":
        """Return start and offset of every line that looks like a result, in one flat array."""
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


_ENVELOPE: Final = b'{"message_type":"results","results":{"channels":{"0":%s}}}'


@lru_cache(maxsize=1000)
def _read_query(query: bytes, otherwise: StreamParameters) -> StreamParameters:
    """Return the parameters of a query, or ``otherwise`` if it is empty or not valid.

    Cached, because many lines share them.
    """
    try:
        pairs = parse_qsl(query.decode("ascii", "replace"))
        return StreamParameters.from_query(pairs) if pairs else otherwise
    except (ParameterError, ValueError):
        return otherwise


def read_parameters(document: Mapping[str, object]) -> StreamParameters:
    """Return the parameters in a recording's settings; the defaults if none are valid."""
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
