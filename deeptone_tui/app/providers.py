"""From the endpoint that was chosen to who provides it, and back."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from deeptone_tui.app.settings import Settings
    from deeptone_tui.monitor.state import SessionStatus
    from deeptone_tui.session import TargetProvider


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


def endpoint_in_force(session: "SessionStatus", settings: "Settings") -> EndpointChoice:
    """The endpoint that answers, or that is asked while none has answered yet.

    Args:
        session: the newest; it has no provider where no endpoint is asked at all.
        settings: what is told then.
    """
    if session.provider is None:
        return EndpointChoice(settings.url, settings.api_key)
    return choice_of(session.provider)
