"""What is in force, and what is only wished: the one place that says so.

All that leaves the program (exports, profiles, the line at the end) and all that dialogs open with
is made of this. What was refused, what has not been answered yet and what is merely under the mark
are not in it; they are told apart, in words.
"""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, cast

from deeptone_tui.audio import SourceKind, SourceSpec
from deeptone_tui.dsp import format_both
from deeptone_tui.monitor.state import (
    OpenedSource,
    SessionPhase,
    SessionStatus,
    SourcePhase,
    SourceStatus,
)
from deeptone_tui.settings.export import ExportSettings

if TYPE_CHECKING:
    from deeptone_tui.app.app import MonitorApp
    from deeptone_tui.app.settings import ScreenSettings
    from deeptone_tui.session import TargetProvider


UNOPENED = "default microphone"
"""What a source without a name is called until it is open."""


@dataclass(frozen=True, slots=True)
class EndpointChoice:
    """An endpoint that was chosen."""

    url: str | None = None
    """``ws://`` or ``wss://`` address; None for the local endpoint."""
    api_key: str | None = field(default=None, repr=False)
    """The key to it; None when none was given."""


def provider_of(choice: EndpointChoice) -> "TargetProvider":
    """Who provides the endpoint that was chosen.

    Raises:
        TargetError: when its address or its key cannot be used.
    """
    if choice.url is None:
        from deeptone_tui.endpoint import LocalEndpoint  # noqa: PLC0415  loaded when it is needed

        # It imports nothing of session, and so returns its own class of the same shape.
        return cast("TargetProvider", LocalEndpoint())
    from deeptone_tui.session import RemoteTarget  # noqa: PLC0415  loaded when it is needed

    return RemoteTarget(choice.url, choice.api_key)


def choice_of(provider: "TargetProvider") -> EndpointChoice:
    """The choice that a provider was made from: the address with its key, or the local endpoint."""
    from deeptone_tui.session import RemoteTarget  # noqa: PLC0415  loaded when it is needed

    if isinstance(provider, RemoteTarget):
        return EndpointChoice(provider.fixed.url, provider.fixed.api_key)
    return EndpointChoice()


def endpoint_in_force(session: "SessionStatus", settings: "ScreenSettings") -> EndpointChoice:
    """The endpoint that answers, or that is asked while none has answered yet.

    Args:
        session: the newest; it has no provider where no endpoint is asked at all.
        settings: what is told then.
    """
    if session.provider is None:
        return EndpointChoice(settings.url, settings.api_key)
    return choice_of(session.provider)


def tuned_of(app: "MonitorApp") -> ExportSettings:
    """What is in force, as it leaves the program."""
    info = source_in_force(app.monitor.state.source).info
    heard = info.kind is SourceKind.MICROPHONE and info.name != UNOPENED
    return ExportSettings(
        parameters=app.parameters,
        url=app.endpoint.url,
        has_key=app.endpoint.api_key is not None,
        device=info.name if heard else "",
        host_api=info.detail if heard else "",
    )


def source_in_force(source: SourceStatus) -> OpenedSource:
    """The source that was opened last, or the first one while it is being opened."""
    return source.opened or OpenedSource(source.info, SourceSpec(source.info.kind))


def only_wished(app: "MonitorApp") -> list[str]:
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
