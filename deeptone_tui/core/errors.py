"""Error messages: the system's text for its own errors, only the type for unexpected errors."""


def unforeseen(error: BaseException, part: str) -> str:
    """Log an unexpected error, and return a message that names its type.

    The message does not repeat the error's own text, because a library may put an address with a
    key into it.

    Args:
        error: the error; of an exception group, the first exception counts.
        part: component in which it happened, as users call it.
    """
    import logging  # noqa: PLC0415  not for --version, which loads this module too

    logging.getLogger(__name__).error("unexpected error in the %s", part, exc_info=error)
    return f"unexpected {kind_of(error)} in the {part}; see the program's log"


def kind_of(error: BaseException) -> str:
    """Return the type name of an error; of a group, that of its first exception."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return type(error).__name__


def reason_of(error: OSError) -> str:
    """Return the system's message of an error in lower case: ``permission denied``."""
    return (error.strerror or type(error).__name__).lower()
