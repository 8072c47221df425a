"""The endpoint that settings ask for."""

from deeptone_tui.cli.errors import WrongUsage
from deeptone_tui.session import RemoteTarget, TargetError, TargetProvider


def provider_for(url: str | None, api_key: str | None) -> TargetProvider:
    """A remote endpoint by its address, or the local one without; nothing is opened yet.

    Args:
        url: ``ws://`` or ``wss://`` address; None for the local endpoint.
        api_key: the key to a remote endpoint; the local one has a random key of its own.

    Raises:
        WrongUsage: when the address or the key cannot be used.
    """
    if url is not None:
        try:
            return RemoteTarget(url, api_key)
        except TargetError as error:
            raise WrongUsage(f"--url: {error}") from None
    from deeptone_tui.endpoint import LocalEndpoint  # noqa: PLC0415  not needed for a remote one

    return LocalEndpoint()
