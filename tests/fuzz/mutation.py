"""Random bytes, texts, numbers and documents, near to what is good and far from it."""

import json
import math
from collections.abc import Sequence
from random import Random
from typing import Any, Final

_PIECES: Final = (
    *(b"\0", b"\xff", b"\x80", b"\x1b", b"\r\n", b"\n", b"\t", b"\x7f", b'"', b"\\", b"{", b"["),
    b"=",
    *(b"\x1b]52;c;UFdORUQ=\x07", b"\x1b[31m", b"\xc2\x9b31m", b"\xed\xa0\x80", b"\xe2\x80\xae"),
    *(b"-1", b"0", b"65536", b"4294967295", b"9223372036854775808", b"1e999", b"nan", b"inf"),
    *("٣".encode(), "漢".encode(), "e\u0301".encode(), "\N{ZERO WIDTH JOINER}".encode()),
)
_NUMBERS: Final = (
    *("0", "-0", "-1", "1", "0.5", "1e-320", "1e999", "-1e999", "nan", "NaN", "Infinity", "0x10"),
    *("9" * 19, "9" * 400, "9" * 4301, "1" + "0" * 30, "-9223372036854775809", "٣", "1_000", "½"),
)
_WORDS: Final = (
    *("", " ", "a b", "\x1b[31mX", "\x1b]52;c;UFdORUQ=\x07", "\x9b31m", "\u202eabc", "a\nb\rc\td"),
    *("漢字", "e\u0301", "👩\u200d👩\u200d👧", "\0", "\ud800", "=1+1", "@x", "-", "--", "~"),
    *("../..", "%s{}[]"),
    *("[bold]x[/bold]", "[@click=app.quit]x[/]", "x" * 300, "y" * 70_000, "\ufeff", "\u2028"),
)
_ALPHABETS: Final = (
    *((0, 0x20), (0x20, 0x7F), (0x7F, 0xA0), (0x300, 0x370), (0x2000, 0x2070), (0x4E00, 0x4F00)),
    *((0xD800, 0xE000), (0xFE00, 0xFE10), (0x1F300, 0x1F700), (0xE0000, 0xE0080)),
)
"""Code points from which characters are drawn; more often those that make trouble."""
_DEEP: Final = 100_000
"""Levels of nesting that no reader takes."""
_AS_IT_IS: Final = 0.05
_CHANGES: Final = 6


def mutated(random: Random, seeds: Sequence[bytes], *, longest: int = 1 << 17) -> bytes:
    """Return a seed with a few changes, at most ``longest`` bytes of it."""
    data = bytearray(random.choice(seeds))
    if random.random() > _AS_IT_IS:
        for _ in range(random.randint(1, _CHANGES)):
            _change(random, data, seeds)
    return bytes(data[:longest])


def _change(random: Random, data: bytearray, seeds: Sequence[bytes]) -> None:
    """Change one place, or one stretch."""
    at = random.randint(0, len(data))
    end = min(len(data), at + random.choice((1, 2, 4, 16, 256)))
    match random.randrange(8):
        case 0:
            data[at:end] = random.randbytes(end - at)
        case 1:
            del data[at:end]
        case 2:
            del data[at:]
        case 3:
            data[at:at] = random.choice(_PIECES) * random.choice((1, 1, 1, 2, 64))
        case 4:
            data[at:end] = random.choice(_PIECES)
        case 5:
            data[at:at] = data[at:end] * random.choice((1, 2, 50))
        case 6:
            other = random.choice(seeds)
            data[at:] = other[random.randint(0, len(other)) :]
        case _:
            if at < len(data):
                data[at] ^= 1 << random.randrange(8)


def words(random: Random) -> str:
    """Return a name, or something that is none."""
    if random.random() < 0.5:
        return random.choice(_WORDS)
    return "".join(chr(_character(random)) for _ in range(random.randint(0, 20)))


def _character(random: Random) -> int:
    """Return a code point."""
    low, high = random.choice(_ALPHABETS)
    return random.randrange(low, high)


def number(random: Random) -> str:
    """Return a number as text, or something that resembles one."""
    return random.choice(_NUMBERS) if random.random() < 0.8 else str(random.uniform(-1e6, 1e6))


def document(random: Random, known: Sequence[str], depth: int = 5) -> Any:  # noqa: ANN401  JSON
    """Return a value that JSON can hold, its keys and words mostly known ones."""
    match random.randrange(8 if depth else 6):
        case 0:
            return random.choice((None, True, False))
        case 1:
            return random.choice((0, 1, -1, 1024, 2**31, 2**63, 10**15, 10**30))
        case 2:
            return random.choice((0.0, -0.5, 0.9, 1e300, 5e-324, math.nan, math.inf))
        case 3 | 4:
            return random.choice(known)
        case 5:
            return words(random)
        case _:
            return _container(random, known, depth - 1)


def _container(random: Random, known: Sequence[str], depth: int) -> Any:  # noqa: ANN401  JSON
    """Return a list or an object."""
    if random.random() < 0.3:
        return [document(random, known, depth) for _ in range(random.randint(0, 4))]
    keys = [random.choice(known) for _ in range(random.randint(0, 5))]
    return {key: document(random, known, depth) for key in keys}


def replaced(random: Random, value: Any, known: Sequence[str]) -> Any:  # noqa: ANN401  JSON
    """Return a good document with one of its values replaced."""
    if isinstance(value, dict) and value and random.random() < 0.9:
        key = random.choice(list(value))
        if random.random() < 0.1:
            return {(words(random) if each == key else each): at for each, at in value.items()}
        return {**value, key: replaced(random, value[key], known)}
    if isinstance(value, list) and value and random.random() < 0.9:
        at = random.randrange(len(value))
        return [*value[:at], replaced(random, value[at], known), *value[at + 1 :]]
    return document(random, known, 3)


def as_json(random: Random, value: Any) -> str:  # noqa: ANN401  JSON
    """Write a document, now and then with a number or a depth that no document holds."""
    text = json.dumps(value, ensure_ascii=random.random() < 0.5)
    match random.randrange(12):
        case 0:
            return text.replace("0", random.choice(_NUMBERS), 1)
        case 1:
            return text.replace(":", ":" + random.choice("[{") * _DEEP, 1)
        case _:
            return text
