"""Names of files, devices, folders and endpoints, through every way out and into cells."""

import contextlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from random import Random
from typing import Final

from deeptone_tui.app.presenters.wording import cut, fitted, width_of
from deeptone_tui.core.redaction import (
    for_people,
    lines_for_people,
    redacted,
    short_line,
    spreadsheet_cell,
    to_json,
)
from deeptone_tui.core.text import LONGEST_CHARS
from fuzz.mutation import words
from fuzz.target import Judge, Target, fit_for_a_terminal

_SECRET: Final = "KEY-SECRET-1234"  # noqa: S105  looked for in what comes out


@dataclass(frozen=True, slots=True)
class _Name:
    text: str
    width: int
    """Cells that there are for it."""


def _made(random: Random) -> _Name:
    parts = [words(random) for _ in range(random.randint(1, 4))]
    if random.random() < 0.3:
        parts.insert(random.randrange(len(parts)), _SECRET)
    return _Name("".join(parts), random.randint(0, 40))


def _judged(name: _Name) -> None:
    text = name.text
    line = for_people(text)
    fit_for_a_terminal(line, longest=len(text))
    assert "\n" not in line
    assert for_people(line) == line
    fit_for_a_terminal(short_line(text, LONGEST_CHARS), longest=LONGEST_CHARS)
    fit_for_a_terminal(lines_for_people(text).replace("\t", ""), longest=len(text))
    cell = spreadsheet_cell(text)
    assert cell[:1] not in {"=", "+", "@", "\t", "\r"} or cell[:1].isdigit()
    document = to_json({"name": text})
    fit_for_a_terminal(document, longest=20 * len(text) + 20)
    assert json.loads(document)["name"] == json.loads(json.dumps(redacted(text)))
    for said in (line, cell, document, short_line(text, LONGEST_CHARS)):
        assert _SECRET not in said
    assert width_of(cut(text, name.width)) <= name.width
    assert width_of(fitted(text, name.width)) <= name.width


@contextlib.contextmanager
def _opened() -> Iterator[Judge]:
    redacted.learn(_SECRET)
    try:
        yield _judged
    finally:
        redacted.forget()


NAMES: Final = Target("names", _made, _opened, short=300)
