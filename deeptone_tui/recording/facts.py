"""What a recording says of itself: source, endpoint, parameters. Never a key."""

from dataclasses import dataclass
from pathlib import Path

from deeptone_tui import __version__
from deeptone_tui.core.address import displayed
from deeptone_tui.protocol import SAMPLE_RATE_HZ, StreamParameters


@dataclass(frozen=True, slots=True)
class Facts:
    """How the monitor is set while it records."""

    kind: str = ""
    """What the source is: ``mic``, ``file``, ``stdin``, ``tcp`` or ``demo``."""
    source: str = ""
    """Name of the source."""
    rate: int = SAMPLE_RATE_HZ
    """Its own sample rate in Hz; what is recorded is at 16 kHz."""
    endpoint: str = ""
    """Name of the endpoint; empty where there is none."""
    url: str = ""
    """Its address; query, user and password are not written."""
    parameters: StreamParameters | None = None
    """What it is asked for; None before the first connection."""

    def to_json(self) -> dict[str, object]:
        """As an object of JSON, for people and for `deeptone_tui.recording.reading`."""
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
    """A recording at one moment."""

    path: Path
    """Its own folder; the folder it shall be in before that is made."""
    samples: int = 0
    """Written, and counted in the header of the WAV."""
    bytes: int = 0
    """Written into all of its files."""
    waiting: int = 0
    """Samples captured and not yet written: more than a second means a slow disk."""
    left_out: int = 0
    """Results and events that came faster than they could be written."""
    problem: str = ""
    """Why it has stopped, in one line; empty while all is well."""

    @property
    def seconds(self) -> float:
        """Length of what is written."""
        return self.samples / SAMPLE_RATE_HZ
