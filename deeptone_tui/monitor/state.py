"""The immutable state of the monitor: one writer (the core's thread), any number of readers."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt

from deeptone_tui.audio import SourceInfo, SourceKind, SourceSpec
from deeptone_tui.dsp import Fault, format_dbfs
from deeptone_tui.protocol import SAMPLE_RATE_HZ, Step, StreamParameters
from deeptone_tui.recording.facts import RecordingStatus

if TYPE_CHECKING:
    from deeptone_tui.session import TargetProvider
    from deeptone_tui.tuning.offset import Offset


class SourcePhase(StrEnum):
    """What the source is doing; the value is the word on the screen."""

    OPENING = "opening"
    RUNNING = "running"
    PAUSED = "paused"
    STALLED = "no data"
    LOST = "lost"
    FAILED = "failed"
    ENDED = "ended"


class SessionPhase(StrEnum):
    """What the connection is doing; the value is the word on the screen."""

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
    """A source that could be opened."""

    info: SourceInfo
    spec: SourceSpec
    """How it was asked for."""


@dataclass(frozen=True, slots=True)
class SourceStatus:
    """The source now."""

    info: SourceInfo = SourceInfo(SourceKind.DEMO, "")  # noqa: RUF009  frozen, so shared safely
    phase: SourcePhase = SourcePhase.OPENING
    message: str = ""
    """One line for people: why it failed, what to do; empty when all is well."""
    position: float | None = None
    """Seconds into a file or the demo."""
    opened: OpenedSource | None = None
    """The source that was opened last: the one in force, also while another cannot be opened."""


@dataclass(frozen=True, slots=True)
class SessionStatus:
    """The connection now."""

    phase: SessionPhase = SessionPhase.IDLE
    label: str = ""
    """Name of the endpoint in force, such as ``local endpoint``."""
    url: str = ""
    """The endpoint's address without query or key."""
    message: str = ""
    """One line for people: the failure in words, or the greeting."""
    attempt: int = 0
    """Number of the connection attempt since the last success."""
    retry_in: float = 0.0
    """Seconds until the next attempt, when retrying."""
    asked_to_wait: bool = False
    """Whether the endpoint itself has said when that may come."""
    applied: StreamParameters | None = None
    """What the endpoint was asked for on the connection that stands; None before the first."""
    pending: StreamParameters | None = None
    """What it will be asked for on the connection being made; None when nothing is changing."""
    provider: "TargetProvider | None" = None
    """The endpoint in force: who answered to ``applied``, or before that who is asked; None where
    no endpoint is asked at all."""
    pending_provider: "TargetProvider | None" = None
    """Another endpoint that is being asked and has not answered yet."""
    end_of_audio: bool = False
    """Whether the endpoint judges the incomplete period at the end of the audio."""
    latency: float | None = None
    """Seconds from the capture of a period's last sample to its result, smoothed."""

    @property
    def in_force(self) -> StreamParameters:
        """What the endpoint answers to, or what it is asked for while none has answered yet.

        What was asked for and refused is never in it; what is under way is in ``wanted``.
        """
        return self.applied or self.pending or StreamParameters()

    @property
    def wanted(self) -> StreamParameters:
        """What is under way, or in force where nothing is: what the next change goes on from."""
        return self.pending or self.in_force


@dataclass(frozen=True, slots=True)
class Meter:
    """Levels now, all from 0 to 1 where 1 is full scale."""

    level: float = 0.0
    """RMS of the newest whole step: what the threshold is compared with."""
    peak: float = 0.0
    """Sample peak with IEC 60268-18 hold and fall."""
    vu: float = 0.0
    """IEC 60268-17 needle, calibrated so that a sine reads its RMS."""
    clips: int = 0
    """Clipped places since the start or the last reset."""
    muted: bool = False
    """Every sample of the newest steps is zero."""


@dataclass(frozen=True, slots=True)
class Counters:
    """Samples and results since the start; all in samples at 16 kHz unless said."""

    captured: int = 0
    sent: int = 0
    """Written to the socket, once each."""
    answered: int = 0
    """Covered by results."""
    lost: int = 0
    """Given up: dropped from the full ring, or left out by the endpoint."""
    lost_at_end: int = 0
    """Of those, what was given up since the last result."""
    in_flight: int = 0
    """Captured, and neither answered nor lost: in the ring or on the wire."""
    behind: int = 0
    """Captured and not yet written to the socket, as far as it will be."""
    dropped_by_source: int = 0
    """Lost before they were captured: full hand-over, device overflow where measured."""
    overflows: int = 0
    """Input overflows flagged by PortAudio (count of blocks)."""
    results: int = 0
    """Results received (count)."""
    results_dropped: int = 0
    """Results that left the bounded hand-over before the reader took them (count)."""
    unknown_messages: int = 0
    """Messages of a kind we do not know (count)."""
    repeated: int = 0
    """Results for audio that has one already (count)."""
    results_cut: int = 0
    """Messages of results of which not all was kept (count)."""
    notices_left_out: int = 0
    """Notices with the endpoint for a reason that came too fast to be read (count)."""


@dataclass(frozen=True, slots=True)
class Agreement:
    """How often the preview's silence and the endpoint's were the same, in the newest periods."""

    compared: int = 0
    """Periods, those of this endpoint only, and 4096 at most."""
    agreed: int = 0
    offset: "Offset | None" = None
    """What explains best how they differ; None for our own endpoint, which cannot differ."""


@dataclass(frozen=True, slots=True)
class LevelHistory:
    """Step levels, oldest first. ``levels`` is read-only and never changes under the reader."""

    first_step: int = 0
    """Absolute index of ``levels[0]``: its audio begins at sample ``1024 * first_step``."""
    levels: npt.NDArray[np.floating] = field(
        default_factory=lambda: np.empty(0, dtype=np.float64), compare=False
    )
    """From the core in double precision, as the gate compares them with a threshold."""

    @property
    def end_step(self) -> int:
        """Absolute index after the last level."""
        return self.first_step + len(self.levels)


@dataclass(frozen=True, slots=True)
class PlacedResult:
    """One result of the endpoint, placed in the audio."""

    step: Step
    """As received; its timestamp counts from the connection's first sample."""
    sample: int
    """Absolute index of the first sample it covers."""
    samples: int
    """Length it covers."""
    parameters: StreamParameters
    """What the endpoint was asked for when it answered."""
    recorded: float | None = None
    """Where it begins in a recording that is shown again, in seconds; None for what happens now."""
    source: str = ""
    """Name of the source of its audio."""
    endpoint: str = ""
    """Name of the endpoint that gave it."""

    @property
    def seconds(self) -> float:
        """Where it begins, in seconds since capture began, or into the recording."""
        return self.sample / SAMPLE_RATE_HZ if self.recorded is None else self.recorded


class ChangeKind(StrEnum):
    """What may change while the monitor runs; the value is the word on the screen."""

    THRESHOLD = "threshold"
    MODELS = "models"
    PERIOD = "output period"
    ENDPOINT = "endpoint"
    DEVICE = "device"
    SOURCE = "source"


@dataclass(frozen=True, slots=True)
class Change:
    """Something else is in force from a sample on: not wished for, but accepted."""

    kind: ChangeKind
    before: str
    """As it stands on the screen; of a threshold, the amplitude."""
    after: str
    sample: int
    """Absolute index of the first sample that it holds for."""
    recorded: float | None = None
    """Where that is in a recording that is shown again, as ``PlacedResult.recorded``."""
    number: int = 0
    """Counted from 1 in the order in which they are told."""

    @property
    def seconds(self) -> float:
        """Where it takes effect, as ``PlacedResult.seconds``."""
        return self.sample / SAMPLE_RATE_HZ if self.recorded is None else self.recorded

    @property
    def words(self) -> str:
        """The change in one line, a threshold in both units."""
        words = f"{self.kind} {self.before} → {self.after}"
        if self.kind in {ChangeKind.DEVICE, ChangeKind.SOURCE}:
            return words  # nobody applies them, they are heard
        if self.kind is not ChangeKind.THRESHOLD:
            return f"{words} applied"
        before, after = (format_dbfs(float(each)) for each in (self.before, self.after))
        return f"{words} applied ({before} → {after})"


class Notice(NamedTuple):
    """Something that has happened, in words."""

    number: int
    """Counted from 1 in the order in which they are told."""
    words: str
    answer: bool = False
    """Whether it answers what somebody has just asked for."""


@dataclass(frozen=True, slots=True)
class MonitorState:
    """Everything there is to show, at one moment."""

    source: SourceStatus = SourceStatus()
    session: SessionStatus = SessionStatus()
    meter: Meter = Meter()
    counters: Counters = Counters()
    agreement: Agreement = Agreement()
    shift: float = 0.0
    """Decibels by which the levels of ``meter`` and ``history`` are shifted, to be an endpoint's
    that is not ours; 0 where they are as measured."""
    history: LevelHistory = field(default_factory=LevelHistory)
    faults: tuple[Fault, ...] = ()
    """What about the source makes its levels misleading, of its last minutes."""
    latest: Step | None = None
    """The newest result; None before the first and after a new connection."""
    notices: tuple[Notice, ...] = ()
    """The last few events, newest last (at most 20): losses, reconnects, refusals."""
    changes: tuple[Change, ...] = ()
    """What has come into force, in the order in which it was told."""
    speed: float | None = None
    """Seconds of a recording that is shown again in a second; None for what happens now."""
    recording: RecordingStatus | None = None
    """The recording that is under way, or that has stopped by itself; None without one."""
    revision: int = 0
    """Grows with every publication, so that a reader can skip what it has seen."""

    @property
    def seconds(self) -> float:
        """Length of the captured audio."""
        return self.counters.captured / SAMPLE_RATE_HZ

    @property
    def clock(self) -> float:
        """Seconds since capture began, or into the recording that is shown again.

        A recording that is wound has played less, or more, than there is before its position.
        """
        position = None if self.speed is None else self.source.position
        return self.seconds if position is None else position

    def news_since(self, before: "MonitorState") -> tuple[Notice, ...]:
        """What was told since an earlier state of the same monitor, oldest first."""
        told = before.notices[-1].number if before.notices else 0
        return tuple(notice for notice in self.notices if notice.number > told)

    def changes_since(self, before: "MonitorState") -> tuple[Change, ...]:
        """What has come into force since an earlier state of the same monitor, oldest first."""
        told = before.changes[-1].number if before.changes else 0
        return tuple(change for change in self.changes if change.number > told)
