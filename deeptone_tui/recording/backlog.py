"""Audio, lines and settings of a recording, and their backlog for the disk. Not thread-safe."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from deeptone_tui import __version__
from deeptone_tui.core.address import displayed
from deeptone_tui.dsp import Samples
from deeptone_tui.protocol import SAMPLE_RATE_HZ, StreamParameters
from deeptone_tui.protocol.messages import footprint_bytes

MOST_WAITING_SAMPLES: Final = 240 * SAMPLE_RATE_HZ
"""Maximum number of waiting samples: four minutes, 7.7 MB."""
MOST_LINES: Final = 50_000
"""Maximum number of waiting results and events."""
_MOST_LINE_BYTES: Final = 16 * 1024 * 1024
"""Maximum memory of those, in bytes."""


@dataclass(frozen=True, slots=True)
class Facts:
    """Settings of the monitor while it records: source, endpoint, parameters. Never a key."""

    kind: str = ""
    """Kind of source: ``mic``, ``file``, ``stdin``, ``tcp`` or ``demo``."""
    source: str = ""
    """Name of the source."""
    rate: int = SAMPLE_RATE_HZ
    """The source's own sample rate in Hz; the recording is at 16 kHz."""
    endpoint: str = ""
    """Name of the endpoint; empty without one."""
    url: str = ""
    """Its address; query, user and password are not written."""
    parameters: StreamParameters | None = None
    """Requested parameters; None before the first connection."""

    def to_json(self) -> dict[str, object]:
        """Return a JSON object, for people and for `deeptone_tui.recording.reading`."""
        asked = self.parameters
        return {
            "program": f"deeptone-tui {__version__}",
            "sample_rate": SAMPLE_RATE_HZ,
            "source": {"kind": self.kind, "name": self.source, "rate": self.rate},
            "endpoint": {"name": self.endpoint, "url": displayed(self.url)},
            "parameters": None
            if asked is None
            else {
                "models": list(asked.models),
                "output_period": asked.output_period,
                "volume_threshold": asked.volume_threshold,
                "include_raw_values": asked.include_raw_values,
            },
        }


@dataclass(frozen=True, slots=True, eq=False)
class Stretch:
    """Contiguous audio from an absolute sample on."""

    start: int
    samples: Samples


@dataclass(frozen=True, slots=True)
class QueuedLine:
    """Result or event waiting to be written to its file."""

    kind: str
    """``result``, or the kind of an event."""
    document: Mapping[str, object]


Item = Stretch | Facts | QueuedLine


class Backlog:
    """Backlog that never drops audio for lines: lines beyond their bound are left out and counted.

    Args:
        most_samples: maximum number of waiting samples.
        most_lines: maximum number of waiting results and events.
    """

    def __init__(self, most_samples: int, most_lines: int) -> None:
        self.most_samples = most_samples
        self._most_lines = most_lines
        self._items: list[Item] = []
        self._lines = self._line_bytes = 0
        self.samples = 0
        """Number of waiting samples."""
        self.left_out = 0
        """Number of lines left out for lack of room."""

    def add_audio(self, stretch: Stretch) -> bool:
        """Add audio; return True if there was room for it."""
        if self.samples + len(stretch.samples) > self.most_samples:
            return False
        self.samples += len(stretch.samples)
        self._items.append(stretch)
        return True

    def add_line(self, line: QueuedLine) -> None:
        """Add a result or an event, or only count it if there is no room."""
        size = footprint_bytes(line.document)
        if self._lines >= self._most_lines or self._line_bytes + size > _MOST_LINE_BYTES:
            self.left_out += 1
            return
        self._lines += 1
        self._line_bytes += size
        self._items.append(line)

    def add_setting(self, setting: Facts | QueuedLine) -> None:
        """Add a setting in force from here on, without a bound: it comes from the user."""
        self._items.append(setting)

    def take(self) -> list[Item]:
        """Return everything, oldest first; samples count as waiting until they are written."""
        items, self._items = self._items, []
        self._lines = self._line_bytes = 0
        return items

    def written(self, samples: int) -> None:
        """Note that samples returned by ``take`` are written."""
        self.samples -= samples

    def clear(self) -> None:
        """Discard everything."""
        self.take()
        self.samples = 0
