"""Names of files, devices, folders and endpoints, as they reach a terminal."""

import contextlib
from collections.abc import Iterator
from random import Random
from typing import Final

from deeptone_tui.protocol.text import LONGEST, clean_line, clean_name
from fuzz.mutation import words
from fuzz.target import Judge, Target, fit_for_a_terminal


def _made(random: Random) -> str:
    return "".join(words(random) for _ in range(random.randint(1, 4)))


def _judged(name: str) -> None:
    fit_for_a_terminal(clean_line(name), longest=LONGEST)
    fit_for_a_terminal(clean_name(name), longest=len(name))
    assert "\n" not in clean_name(name)
    assert clean_line(clean_line(name)) == clean_line(name)


@contextlib.contextmanager
def _opened() -> Iterator[Judge]:
    yield _judged


NAMES: Final = Target("names", _made, _opened, short=500)
