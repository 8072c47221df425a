"""From the endpoint that was chosen to who provides it."""

from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from deeptone_tui.app.screens.endpoint_prompt import EndpointChoice
    from deeptone_tui.session import TargetProvider


def provider_of(choice: "EndpointChoice") -> "TargetProvider":
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
