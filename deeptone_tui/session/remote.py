"""An endpoint somewhere else, given by its address."""

from deeptone_tui.core.address import AddressError, host_and_port, parse_address
from deeptone_tui.core.text import KEY_RULE, is_key
from deeptone_tui.session.target import Target, TargetError


class RemoteTarget:
    """The provider of an endpoint that is simply there; the same address and key are the same.

    Args:
        url: as `parse_address` takes it.
        api_key: sent in the ``X-Api-Key`` header; wins over a key in the address.

    Raises:
        TargetError: when the address or the key cannot be used.
    """

    def __init__(self, url: str, api_key: str | None = None) -> None:
        try:
            address = parse_address(url)
        except AddressError as error:
            raise TargetError(str(error)) from None
        if api_key and not is_key(api_key):
            raise TargetError(KEY_RULE)
        self._target = Target(address.url, api_key or address.api_key)

    def __eq__(self, other: object) -> bool:
        """Whether it is the same endpoint, chosen again."""
        return isinstance(other, RemoteTarget) and other._target == self._target

    def __hash__(self) -> int:
        """As equality has it."""
        return hash(self._target)

    @property
    def fixed(self) -> Target:
        """The endpoint, which is always the same."""
        return self._target

    @property
    def label(self) -> str:
        """Host of the address, with the port where it is given."""
        return host_and_port(self._target.url)

    @property
    def ours(self) -> bool:
        """Never known to be our own endpoint, so its silence is measured, not assumed."""
        return False

    async def target(self) -> Target:
        """The endpoint, at once."""
        return self._target

    async def close(self) -> None:
        """Nothing to release."""
