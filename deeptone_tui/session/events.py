"""Events of a session, reported in order. Indices are absolute samples."""

from dataclasses import dataclass

from deeptone_tui.protocol import Step, StreamParameters
from deeptone_tui.session.target import TargetProvider


class SessionEvent:
    """Event of a session."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class EndpointRequested(SessionEvent):
    """A connection is requested; the endpoint may have to be started first."""

    provider: TargetProvider
    parameters: StreamParameters
    attempt: int
    """1 for the first attempt since the last success."""


@dataclass(frozen=True, slots=True)
class ConnectionStarted(SessionEvent):
    """The endpoint is known, and the handshake begins."""

    url: str
    """Without query, user and password."""


@dataclass(frozen=True, slots=True)
class ConnectionOpened(SessionEvent):
    """Streaming on an open connection begins."""

    base: int
    """First sample for which this connection's results count."""


@dataclass(frozen=True, slots=True)
class EndpointGreeted(SessionEvent):
    """The endpoint has sent its greeting."""

    message: str
    parameters: StreamParameters
    end_of_audio: bool = False
    """True if it accepts an end-of-audio message, and then judges the incomplete period."""


@dataclass(frozen=True, slots=True)
class AudioSent(SessionEvent):
    """Samples are passed to the connection for sending."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class PeriodAnswered(SessionEvent):
    """A result has arrived and was placed in the audio."""

    step: Step
    start: int
    end: int
    parameters: StreamParameters


@dataclass(frozen=True, slots=True)
class MessageNotUnderstood(SessionEvent):
    """A message of an unknown type, or a result outside the audio sent, was ignored."""

    words: str


@dataclass(frozen=True, slots=True)
class MessagesCounted(SessionEvent):
    """Messages other than results were too many to be held, and were only counted."""

    count: int


@dataclass(frozen=True, slots=True)
class ResultRepeated(SessionEvent):
    """A result for audio that already has one was ignored."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class ResultCut(SessionEvent):
    """A results message exceeded the bounds, and part of it was left out."""


@dataclass(frozen=True, slots=True)
class EndpointComplained(SessionEvent):
    """The endpoint has sent an error message."""

    message: str


@dataclass(frozen=True, slots=True)
class DrainStarted(SessionEvent):
    """All audio of this connection was sent; the drain of the last results begins."""


UNANSWERED = "the endpoint gave no result"
"""A reason of `AudioAbandoned`."""


@dataclass(frozen=True, slots=True)
class AudioAbandoned(SessionEvent):
    """The unanswered part of these samples will never be answered."""

    start: int
    end: int
    reason: str
    """In words, or empty if this is normal: less than a step at a seam."""


@dataclass(frozen=True, slots=True)
class ConnectionEnded(SessionEvent):
    """A connection has ended, for whatever reason."""


@dataclass(frozen=True, slots=True)
class RetryScheduled(SessionEvent):
    """An attempt has failed, and a retry follows after a delay."""

    reason: str
    attempt: int
    delay: float
    """Seconds."""
    asked: bool = False
    """True if the endpoint itself requested the delay."""


@dataclass(frozen=True, slots=True)
class ConnectionsFailing(SessionEvent):
    """Several connections in a row ended soon after they were made: a pattern, not an accident."""

    count: int
    reason: str


@dataclass(frozen=True, slots=True)
class ChangeRefused(SessionEvent):
    """New parameters or another endpoint did not work; the previous ones stay in force."""

    reason: str
    parameters: StreamParameters
    """The parameters in force."""
    provider: TargetProvider
    """The endpoint in force."""


@dataclass(frozen=True, slots=True)
class SessionRefused(SessionEvent):
    """A retry cannot help; a change of parameters or endpoint may."""

    reason: str


@dataclass(frozen=True, slots=True)
class AudioAwaited(SessionEvent):
    """There is no audio to send, and therefore no need for a connection."""


@dataclass(frozen=True, slots=True)
class AudioFinished(SessionEvent):
    """The source has ended, and every result that will come has arrived."""
