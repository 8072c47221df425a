"""What is in force, and what is only wished: the one place that says so.

All that leaves the program (exports, profiles, the line at the end) and all that dialogs open with
is made of this. What was refused, what has not been answered yet and what is merely under the mark
are not in it; they are told apart, in words.
"""

from typing import TYPE_CHECKING, Protocol

from deeptone_tui.audio import SourceKind, SourceSpec
from deeptone_tui.dsp import format_both
from deeptone_tui.monitor.state import (
    MonitorState,
    OpenedSource,
    SessionPhase,
    SessionStatus,
    SourcePhase,
    SourceStatus,
)
from deeptone_tui.settings.tuned import Tuned

if TYPE_CHECKING:
    from deeptone_tui.app.providers import EndpointChoice
    from deeptone_tui.protocol import StreamParameters

UNOPENED = "default microphone"
"""What a source without a name is called until it is open."""


class StateReader(Protocol):
    """Who knows the newest state."""

    @property
    def state(self) -> MonitorState:
        """The newest state."""
        ...


class InForce(Protocol):
    """An app as far as it says what is in force."""

    mark: float
    """The threshold under the user's hand, 0 to 1."""

    @property
    def parameters(self) -> "StreamParameters":
        """What the endpoint goes by."""
        ...

    @property
    def endpoint(self) -> "EndpointChoice":
        """The endpoint that answers."""
        ...

    @property
    def monitor(self) -> StateReader:
        """Who does the work."""
        ...


def tuned_of(app: InForce) -> Tuned:
    """What is in force, as it leaves the program."""
    info = source_in_force(app.monitor.state.source).info
    heard = info.kind is SourceKind.MICROPHONE and info.name != UNOPENED
    return Tuned(
        parameters=app.parameters,
        url=app.endpoint.url,
        has_key=app.endpoint.api_key is not None,
        device=info.name if heard else "",
        host_api=info.detail if heard else "",
    )


def source_in_force(source: SourceStatus) -> OpenedSource:
    """The source that was opened last, or the first one while it is being opened."""
    return source.opened or OpenedSource(source.info, SourceSpec(source.info.kind))


def only_wished(app: InForce) -> list[str]:
    """What is not in force though it stands somewhere on the screen: a sentence each."""
    session, source = app.monitor.state.session, app.monitor.state.source
    told = []
    if app.mark != app.parameters.volume_threshold and session.phase is not SessionPhase.REPLAYING:
        told.append(f"Not applied: the mark at {format_both(app.mark)}.")
    if session.provider is not None and session.applied is None:
        told.append("No endpoint has answered to this yet.")
    elif under_way := _under_way(session):
        told.append(f"Under way, not answered yet: {under_way}.")
    if source.opened is not None and source.phase in {SourcePhase.OPENING, SourcePhase.FAILED}:
        told.append(f"Not open: {source.info.name}.")
    return told


def _under_way(session: SessionStatus) -> str:
    """What becomes different once the endpoint answers; empty where nothing does."""
    now, then = session.in_force, session.wanted
    words = {
        "models": ", ".join(then.models),
        "output_period": f"every {then.output_period} ms",
        "volume_threshold": f"threshold {format_both(then.volume_threshold)}",
        "include_raw_values": f"{'' if then.include_raw_values else 'no '}raw values",
    }
    changed = [text for name, text in words.items() if getattr(now, name) != getattr(then, name)]
    if session.pending_provider is not None:
        changed.append(f"endpoint {session.pending_provider.label}")
    return "; ".join(changed)
