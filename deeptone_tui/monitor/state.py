"""Immutable state of the monitor: one writer (the pipeline's thread), any number of readers."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from deeptone_tui.audio import SourceInfo, SourceKind, SourceSpec
from deeptone_tui.protocol import SAMPLE_RATE_HZ, Step, StreamParameters
from deeptone_tui.protocol.units import format_dbfs

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from deeptone_tui.dsp import Fault
    from deeptone_tui.recording import RecordingStatus
    from deeptone_tui.session import TargetProvider
    from deeptone_tui.tuning.offset import Offset


class SourcePhase(StrEnum):
    """Phase of the source; the value is the word on the screen."""

    OPENING = "opening"
    RUNNING = "running"
    PAUSED = "paused"
    STALLED = "no data"
    LOST = "lost"
    FAILED = "failed"
    ENDED = "ended"


class SessionPhase(StrEnum):
    """Phase of the connection; the value is the word on the screen."""

    IDLE = "idle"
    STARTING = "starting endpoint"
    CONNECTING = "connecting"
    OPEN = "connected"
    STREAMING = "streaming"
    RETRYING = "retrying"
    DRAINING = "last results"
    CLOSED = "closed"
    REFUSED = "refused"
    REPLAYING = "replay"


class OpenedSource(NamedTuple):
    """Source that was opened."""

    info: SourceInfo
    spec: SourceSpec
    """Specification that was requested."""


@dataclass(frozen=True, slots=True)
class SourceStatus:
    """Current status of the source."""

    info: SourceInfo = SourceInfo(SourceKind.DEMO, "")  # noqa: RUF009  frozen, so shared safely
    phase: SourcePhase = SourcePhase.OPENING
    message: str = ""
    """One line for the user: the reason for a failure, and what to do; empty if all is well."""
    position: float | None = None
    """Seconds into a file or the demo."""
    opened: OpenedSource | None = None
    """Newest source that was opened: the one in force, also while another cannot be opened."""


@dataclass(frozen=True, slots=True)
class SessionStatus:
    """Current status of the connection."""

    phase: SessionPhase = SessionPhase.IDLE
    label: str = ""
    """Name of the endpoint in force, such as ``local endpoint``."""
    url: str = ""
    """Address of the endpoint without query or key."""
    message: str = ""
    """One line for the user: the failure in words, or the greeting."""
    attempt: int = 0
    """Number of the connection attempt since the last success."""
    retry_in: float = 0.0
    """Seconds until the next attempt, while retrying."""
    asked_to_wait: bool = False
    """True if the endpoint itself set that delay."""
    applied: StreamParameters | None = None
    """Parameters in force, which the endpoint has answered to; None before its first answer."""
    pending: StreamParameters | None = None
    """Parameters of the connection being made; None if nothing is changing."""
    provider: "TargetProvider | None" = None
    """Endpoint in force: the one that answered to ``applied``, or before that the one being asked;
    None without any endpoint."""
    pending_provider: "TargetProvider | None" = None
    """Another endpoint that was asked and has not answered yet."""
    end_of_audio: bool = False
    """True if the endpoint judges the incomplete period at the end of the audio."""
    latency: float | None = None
    """Smoothed seconds from the capture of a period's last sample to its result."""

    @property
    def in_force(self) -> StreamParameters:
        """Parameters the endpoint answers to, or the requested ones while none has answered yet.

        Refused parameters are never included; pending ones are in ``wanted``.
        """
        return self.applied or self.pending or StreamParameters()

    @property
    def wanted(self) -> StreamParameters:
        """Parameters pending, or else in force: the base of the next change."""
        return self.pending or self.in_force


@dataclass(frozen=True, slots=True)
class Meter:
    """Current levels, all from 0 to 1 where 1 is full scale."""

    level: float = 0.0
    """RMS of the newest whole step, which is compared with the threshold."""
    peak: float = 0.0
    """Sample peak with IEC 60268-18 hold and fall."""
    vu: float = 0.0
    """IEC 60268-17 needle, calibrated so that a sine reads its RMS."""
    clips: int = 0
    """Number of clips since the start or the last reset."""
    muted: bool = False
    """True if every sample of the newest steps is zero."""


@dataclass(frozen=True, slots=True)
class Counters:
    """Samples and results since the start; in samples at 16 kHz unless stated otherwise."""

    captured: int = 0
    sent: int = 0
    """Written to the socket, counted once each."""
    answered: int = 0
    """Covered by results."""
    lost: int = 0
    """Given up: dropped from the full ring, or left out by the endpoint."""
    lost_since_result: int = 0
    """Of those, given up since the last result."""
    in_flight: int = 0
    """Captured, and neither answered nor lost: in the ring or on the wire."""
    behind: int = 0
    """In flight and not yet written to the socket; 0 without an endpoint."""
    dropped_by_source: int = 0
    """Lost before capture: hand-over overflow, or device overflow where measured."""
    overflows: int = 0
    """Input overflows flagged by PortAudio (count of blocks)."""
    results: int = 0
    """Results received (count)."""
    results_dropped: int = 0
    """Results dropped from the bounded queue before the reader took them (count)."""
    unknown_messages: int = 0
    """Messages of an unknown kind (count)."""
    repeated: int = 0
    """Results for audio that already has one (count)."""
    results_cut: int = 0
    """Result messages that were kept only in part (count)."""
    notices_left_out: int = 0
    """Notices caused by the endpoint that exceeded the rate limit (count)."""


@dataclass(frozen=True, slots=True)
class Agreement:
    """Agreement of the preview's silence with the endpoint's over the newest periods."""

    compared: int = 0
    """Number of periods, of this endpoint only, and at most 4096."""
    agreed: int = 0
    offset: "Offset | None" = None
    """Offset that explains the differences best; None for our own endpoint, which cannot differ."""


@dataclass(frozen=True, slots=True)
class LevelHistory:
    """Step levels, oldest first. ``levels`` is read-only and never changes under the reader."""

    first_step: int = 0
    """Absolute index of ``levels[0]``: its audio begins at sample ``1024 * first_step``."""
    measured: "npt.NDArray[np.floating] | None" = field(default=None, compare=False)
    """The levels; None before the first one."""

    @property
    def levels(self) -> "npt.NDArray[np.floating]":
        """Levels in double precision, as the gate compares them with a threshold, shape (n,)."""
        if self.measured is not None:
            return self.measured
        import numpy as np  # noqa: PLC0415  not for the first frame, which has no levels

        return np.empty(0, dtype=np.float64)

    @property
    def steps(self) -> int:
        """Number of levels."""
        return 0 if self.measured is None else len(self.measured)

    @property
    def end_step(self) -> int:
        """Absolute index after the last level."""
        return self.first_step + self.steps


@dataclass(frozen=True, slots=True)
class PlacedResult:
    """Result of the endpoint with its place in the audio."""

    step: Step
    """As received; its timestamp counts from the connection's first sample."""
    sample: int
    """Absolute index of the first sample it covers."""
    samples: int
    """Number of samples it covers."""
    parameters: StreamParameters
    """Parameters in force when the endpoint answered."""
    recorded: float | None = None
    """Start in the replayed recording, in seconds; None for live audio."""
    source: str = ""
    """Name of the source of its audio."""
    endpoint: str = ""
    """Name of the endpoint that sent it."""

    @property
    def seconds(self) -> float:
        """Start in seconds since capture began, or into the recording."""
        return self.sample / SAMPLE_RATE_HZ if self.recorded is None else self.recorded


class ChangeKind(StrEnum):
    """Settings that can change while the monitor runs; the value is the word on the screen."""

    THRESHOLD = "threshold"
    MODELS = "models"
    PERIOD = "output period"
    ENDPOINT = "endpoint"
    DEVICE = "device"
    SOURCE = "source"


@dataclass(frozen=True, slots=True)
class Change:
    """Accepted change that is in force from a sample on; a mere request is none."""

    kind: ChangeKind
    before: str
    """As shown on the screen; for a threshold, the amplitude."""
    after: str
    sample: int
    """Absolute index of the first sample it applies to."""
    recorded: float | None = None
    """Position in the replayed recording, as ``PlacedResult.recorded``."""
    number: int = 0
    """Number in the order of reporting, from 1."""

    @property
    def seconds(self) -> float:
        """Position at which it takes effect, as ``PlacedResult.seconds``."""
        return self.sample / SAMPLE_RATE_HZ if self.recorded is None else self.recorded

    @property
    def words(self) -> str:
        """Change in one line, a threshold in both units."""
        words = f"{self.kind} {self.before} → {self.after}"
        if self.kind in {ChangeKind.DEVICE, ChangeKind.SOURCE}:
            return words  # no endpoint applies them
        if self.kind is not ChangeKind.THRESHOLD:
            return f"{words} applied"
        before, after = (format_dbfs(float(each)) for each in (self.before, self.after))
        return f"{words} applied ({before} → {after})"


class Notice(NamedTuple):
    """Event in words."""

    number: int
    """Number in the order of reporting, from 1."""
    words: str
    answer: bool = False
    """True if it answers what the user has just requested."""


@dataclass(frozen=True, slots=True)
class MonitorState:
    """Everything that can be shown, at one moment."""

    source: SourceStatus = SourceStatus()
    session: SessionStatus = SessionStatus()
    meter: Meter = Meter()
    counters: Counters = Counters()
    agreement: Agreement = Agreement()
    shift: float = 0.0
    """Decibels by which the levels of ``meter`` and ``history`` are shifted to match an endpoint
    that is not ours; 0 if they are as measured."""
    history: LevelHistory = field(default_factory=LevelHistory)
    faults: "tuple[Fault, ...]" = ()
    """Faults of the source, over its last minutes, that make its levels misleading."""
    latest: Step | None = None
    """Newest result; None before the first and after a new connection."""
    notices: tuple[Notice, ...] = ()
    """Newest notices, newest last (at most 20): losses, reconnects, refusals."""
    changes: tuple[Change, ...] = ()
    """Changes that have come into force, in the order of reporting."""
    speed: float | None = None
    """Seconds of the replayed recording per second; None for live audio."""
    recording: "RecordingStatus | None" = None
    """Recording in progress, or one that has stopped by itself; None without one."""
    revision: int = 0
    """Increases with every publication, so that a reader can skip what it has seen."""

    @property
    def seconds(self) -> float:
        """Length of the captured audio."""
        return self.counters.captured / SAMPLE_RATE_HZ

    @property
    def clock(self) -> float:
        """Seconds since capture began, or into the replayed recording.

        After a seek in a recording, less or more audio has been played than precedes the position.
        """
        position = None if self.speed is None else self.source.position
        return self.seconds if position is None else position

    def notices_since(self, before: "MonitorState") -> tuple[Notice, ...]:
        """Return the notices since an earlier state of the same monitor, oldest first."""
        told = before.notices[-1].number if before.notices else 0
        return tuple(notice for notice in self.notices if notice.number > told)

    def changes_since(self, before: "MonitorState") -> tuple[Change, ...]:
        """Return the changes since an earlier state of the same monitor, oldest first."""
        told = before.changes[-1].number if before.changes else 0
        return tuple(change for change in self.changes if change.number > told)
