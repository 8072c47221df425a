"""What a half-typed path could become. Reads one folder; knows nothing of the screen."""

import itertools
import os
from collections.abc import Sequence
from dataclasses import dataclass

LIMIT = 200
"""Entries shown of one folder; more would only be scrolled past."""


@dataclass(frozen=True, slots=True)
class Completions:
    """The entries of a folder that begin as typed."""

    paths: tuple[str, ...] = ()
    """In the user's own words (``~`` stays), folders first and with a separator behind."""
    common: str = ""
    """What all of them have in common, at least as long as what was typed."""
    more: int = 0
    """How many there are beyond those listed."""


def complete_path(typed: str, *, limit: int = LIMIT) -> Completions:
    """List what is in the folder that the text names so far.

    Hidden entries are listed once their dot is typed. A folder that cannot be read has none.
    """
    head, tail = os.path.split(typed)
    folder = os.path.expanduser(head) or os.curdir  # noqa: PTH111  keeps ~nobody as it is
    try:
        with os.scandir(folder) as entries:
            found = sorted(
                (not _is_folder(entry), entry.name.casefold(), entry.name)
                for entry in entries
                if entry.name.startswith(tail) and (tail or not entry.name.startswith("."))
            )
    except (OSError, ValueError):
        return Completions(common=typed)
    paths = [os.path.join(head, name) + "/" * (not file) for file, _, name in found]  # noqa: PTH118  text
    return Completions(
        tuple(paths[:limit]), common_prefix(paths) or typed, max(len(paths) - limit, 0)
    )


def common_prefix(texts: Sequence[str]) -> str:
    """The longest beginning that all texts share; empty for none."""
    first, last = min(texts, default=""), max(texts, default="")
    same = itertools.takewhile(lambda pair: pair[0] == pair[1], zip(first, last, strict=False))
    return "".join(mark for mark, _ in same)


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:
        return False
