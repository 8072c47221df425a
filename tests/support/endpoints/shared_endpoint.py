"""A local endpoint that outlives the monitors that use it."""

from deeptone_tui.endpoint import LocalEndpoint
from deeptone_tui.session.target import Address


class SharedEndpoint:
    """Started once, for several tests; who has made the child closes it."""

    label = "local endpoint"
    ours = True

    def __init__(self, endpoint: LocalEndpoint) -> None:
        self.endpoint = endpoint

    async def target(self) -> Address:
        """The child, started once."""
        return await self.endpoint.target()

    async def close(self) -> None:
        """Not yet."""
