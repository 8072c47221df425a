"""The settings in force and the pending ones: the only place that distinguishes them.

Everything that leaves the program (exports, profiles, the line at the end) and the initial values
of the dialogs come from here. Settings in force exclude what was refused, what has not been
answered yet and a threshold that is only under the cursor; those are listed separately, in words.
"""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from deeptone_tui.audio import SourceKind, SourceSpec
from deeptone_tui.monitor.state import (
    OpenedSource,
    SessionPhase,
    SessionStatus,
    SourcePhase,
    SourceStatus,
)
from deeptone_tui.protocol.units import format_both
from deeptone_tui.session import RemoteTarget, TargetProvider
from deeptone_tui.settings.config import Configuration, ConfigurationError, load_configuration
from deeptone_tui.settings.export import ExportSettings

if TYPE_CHECKING:
    from deeptone_tui.app.app import MonitorApp


UNOPENED = "default microphone"
"""Name of a source without a name until it is open."""


@dataclass(frozen=True, slots=True)
class EndpointChoice:
    """The user's choice of an endpoint."""

    url: str | None = None
    """``ws://`` or ``wss://`` address; None for the local endpoint."""
    api_key: str | None = field(default=None, repr=False)
    """API key for the endpoint; None if none was given."""


def provider_of(choice: EndpointChoice) -> TargetProvider:
    """Return the provider of the chosen endpoint.

    Raises:
        TargetError: if its address or its key is invalid.
    """
    if choice.url is None:
        from deeptone_tui.endpoint import LocalEndpoint  # noqa: PLC0415  loaded when it is needed

        return LocalEndpoint()
    return RemoteTarget(choice.url, choice.api_key)


def choice_of(provider: TargetProvider | None) -> EndpointChoice:
    """Return the choice that a provider was created from: address and key, or local endpoint.

    A replay has no provider, which counts as the local one.
    """
    if isinstance(provider, RemoteTarget):
        return EndpointChoice(provider.fixed.url, provider.fixed.api_key)
    return EndpointChoice()


def tuned_of(app: "MonitorApp") -> ExportSettings:
    """Return the settings in force for export."""
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
    """Return the source that was opened last, or the first one while it is being opened."""
    return source.opened or OpenedSource(source.info, SourceSpec(source.info.kind))


def current_configuration(app: "MonitorApp") -> Configuration:
    """Return the configuration as it is now; an empty one if it cannot be read."""
    try:
        return load_configuration(app.settings.configuration)
    except ConfigurationError:  # which is reported when something is written
        return Configuration()


def only_wished(app: "MonitorApp") -> list[str]:
    """Return a sentence for each setting that the screen shows although it is not in force."""
    session, source = app.monitor.state.session, app.monitor.state.source
    mark, told = app.main.view.mark, []
    if mark != app.parameters.volume_threshold and session.phase is not SessionPhase.REPLAYING:
        told.append(f"Not applied: threshold {format_both(mark)}.")
    if session.provider is not None and session.applied is None:
        told.append("No endpoint has answered yet.")
    elif under_way := _under_way(session):
        told.append(f"Pending: {under_way}.")
    if source.opened is not None and source.phase in {SourcePhase.OPENING, SourcePhase.FAILED}:
        told.append(f"Not open: {source.info.name}.")
    return told


def _under_way(session: SessionStatus) -> str:
    """Return the pending changes that take effect when the endpoint answers; empty if none."""
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
