"""Facts that a recording stores: source, endpoint, parameters. Never a key."""

from dataclasses import dataclass
from pathlib import Path

from deeptone_tui import __version__
from deeptone_tui.core.address import displayed
from deeptone_tui.protocol import SAMPLE_RATE_HZ, StreamParameters


@dataclass(frozen=True, slots=True)
class Facts:
    """Settings of the monitor while it records."""

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


@dataclass(frozen=True, slots=True)
class RecordingStatus:
    """Status of a recording at one moment."""

    path: Path
    """Folder of the recording; its parent folder until it is created."""
    samples: int = 0
    """Samples written, and counted in the header of the WAV."""
    bytes: int = 0
    """Bytes written, in all of its files."""
    waiting: int = 0
    """Samples captured and not yet written: more than a second means a slow disk."""
    left_out: int = 0
    """Results and events that came faster than they could be written."""
    problem: str = ""
    """Reason why it has stopped, in one line; empty while all is well."""

    @property
    def seconds(self) -> float:
        """Length of the written audio."""
        return self.samples / SAMPLE_RATE_HZ
