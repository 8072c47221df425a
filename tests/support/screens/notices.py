"""Notices as the monitor numbers them."""

from deeptone_tui.monitor import Notice


def notices(*words: str) -> tuple[Notice, ...]:
    """The first that are told."""
    return tuple(Notice(number, each) for number, each in enumerate(words, 1))
