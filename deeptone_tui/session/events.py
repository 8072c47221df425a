"""What happens in a session, in the order it happens. Indices are absolute samples."""

from dataclasses import dataclass

from deeptone_tui.protocol import Step, StreamParameters
from deeptone_tui.session.target import TargetProvider


@dataclass(frozen=True, slots=True)
class EndpointRequested:
    """A connection is wanted; the endpoint may have to be started first."""

    provider: TargetProvider
    parameters: StreamParameters
    attempt: int
    """1 for the first attempt since the last success."""


@dataclass(frozen=True, slots=True)
class ConnectionStarted:
    """The endpoint is known and is being called."""

    url: str
    """Without query, user and password."""


@dataclass(frozen=True, slots=True)
class ConnectionOpened:
    """The handshake has succeeded."""

    base: int
    """The sample that the endpoint's time 0 stands for."""


@dataclass(frozen=True, slots=True)
class EndpointGreeted:
    """The endpoint has said hello."""

    message: str
    parameters: StreamParameters
    end_of_audio: bool = False
    """Whether it is told where the audio ends, and then judges the incomplete period there."""


@dataclass(frozen=True, slots=True)
class AudioSent:
    """Samples were written to the socket."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class PeriodAnswered:
    """A result has arrived and is placed in the audio."""

    step: Step
    start: int
    end: int
    parameters: StreamParameters


@dataclass(frozen=True, slots=True)
class MessageNotUnderstood:
    """A message of an unknown kind, or a result that fits nowhere, was passed over."""

    words: str


@dataclass(frozen=True, slots=True)
class MessagesCounted:
    """Messages that told no result came in too great a number to be kept one by one."""

    count: int


@dataclass(frozen=True, slots=True)
class ResultRepeated:
    """A result came for audio that has one, and was passed over."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class ResultCut:
    """A message of results held more than is kept of one."""


@dataclass(frozen=True, slots=True)
class EndpointComplained:
    """The endpoint has sent an error message."""

    message: str


@dataclass(frozen=True, slots=True)
class DrainStarted:
    """Everything for this connection was sent; the last results are awaited."""


UNANSWERED = "the endpoint gave no result"
"""A reason for which audio is abandoned."""


@dataclass(frozen=True, slots=True)
class AudioAbandoned:
    """What was not answered of these samples never will be."""

    start: int
    end: int
    reason: str
    """In words, or empty for what is normal: less than a step at a seam."""


@dataclass(frozen=True, slots=True)
class ConnectionEnded:
    """A connection is gone, for whatever reason."""


@dataclass(frozen=True, slots=True)
class RetryScheduled:
    """An attempt has failed, and the next comes after a while."""

    reason: str
    attempt: int
    delay: float
    """Seconds."""
    asked: bool = False
    """Whether the endpoint itself has said when to come again."""


@dataclass(frozen=True, slots=True)
class ConnectionsFailing:
    """Connection after connection ends soon after it was made: a pattern, not an accident."""

    count: int
    reason: str


@dataclass(frozen=True, slots=True)
class ChangeRefused:
    """New parameters or another endpoint did not work; what stood before goes on."""

    reason: str
    parameters: StreamParameters
    """What stands."""
    provider: TargetProvider
    """The endpoint that stands."""


@dataclass(frozen=True, slots=True)
class SessionRefused:
    """Trying again cannot help; a change of parameters or endpoint may."""

    reason: str


@dataclass(frozen=True, slots=True)
class AudioAwaited:
    """There is no audio to send, and so no need for a connection."""


@dataclass(frozen=True, slots=True)
class AudioFinished:
    """The source has ended, and every result that will come has come."""


SessionEvent = (
    EndpointRequested
    | ConnectionStarted
    | ConnectionOpened
    | EndpointGreeted
    | AudioSent
    | PeriodAnswered
    | MessageNotUnderstood
    | MessagesCounted
    | ResultRepeated
    | ResultCut
    | EndpointComplained
    | DrainStarted
    | AudioAbandoned
    | ConnectionEnded
    | RetryScheduled
    | ConnectionsFailing
    | ChangeRefused
    | SessionRefused
    | AudioAwaited
    | AudioFinished
)
