"""Why there is no endpoint."""


class EndpointError(Exception):
    """An endpoint that cannot start or has ended: one line, what and what to do."""


class ListenError(EndpointError):
    """A host or port that cannot be listened on."""


class KeyNeeded(ListenError):  # noqa: N818  named for what is missing
    """An address that other machines can reach, and no key."""


class ModelsMissing(EndpointError):  # noqa: N818  named for what is missing
    """Models that cannot be loaded."""
