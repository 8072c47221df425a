"""Errors in words: those of the system by what it says, those that nobody foresaw by their kind."""


def unforeseen(error: BaseException, part: str) -> str:
    """Log an error, and say that it happened.

    Its own text is not repeated: a library may put an address with a key into it.

    Args:
        error: of a group, the first one counts.
        part: where it happened, as people call it.
    """
    import logging  # noqa: PLC0415  not for --version, which loads this module too

    logging.getLogger(__name__).error("unexpected error in the %s", part, exc_info=error)
    return f"unexpected {kind_of(error)} in the {part}; the program's log says more"


def kind_of(error: BaseException) -> str:
    """Name of the kind of an error."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return type(error).__name__


def reason_of(error: OSError) -> str:
    """Return what the system says of an error, in small letters: ``permission denied``."""
    return (error.strerror or type(error).__name__).lower()
