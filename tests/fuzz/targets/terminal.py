"""Bytes from the terminal, as far as the messages that Textual makes of them."""

import contextlib
from collections.abc import Iterator, Sequence
from random import Random
from typing import Final

from textual import events

from deeptone_tui.terminal.incoming import LONGEST_PASTE_BYTES, Incoming
from deeptone_tui.terminal.keyboard import KeyReader
from fuzz.mutation import mutated
from fuzz.target import Judge, Target

SEEDS: Final = (
    *(b"a", b"\r", b"\t", "é".encode(), b"\xe9", b"\x1b", b"\x1b[C", b"\x1b[1;2C", b"\x1bOP"),
    b"\x1b[[A",
    *(b"\x1b[3$", b"\x1b[<35;20;5M", b"\x1b[M !!", b"\x1b[M\xff\xff\xff", b"\x1b[?2026;2$y"),
    b"\x1b[24;80R",
    *(b"\x1b[200~-40 dB\x1b[201~", b"\x1b[200~\x1b[31m", b"\x1b]11;rgb:ffff/ffff/ffff\x1b\\"),
    b"\x1bP>|x\x1b\\",
    *(b"\x1b[97;5u", b"\x1b[1114112u", b"\x1b[48;30;80;600;800t", b"\x1b[I", b"\x1b[O"),
    b"-40 dB\n",
)
_LONGEST_READ: Final = 4096


def _made(random: Random) -> Sequence[tuple[bytes, float]]:
    """Reads, and the seconds after each."""
    data = b"".join(mutated(random, SEEDS, longest=200) for _ in range(random.randint(1, 12)))
    sizes: Sequence[int] = (1, 2, 7, 100, _LONGEST_READ)
    if random.random() < 0.01:
        data, sizes = data * 200, (_LONGEST_READ,)
    reads: list[tuple[bytes, float]] = []
    while data:
        size = random.choice(sizes)
        reads.append((data[:size], random.choice((0.0, 0.0, 0.01, 0.2, 6.0))))
        data = data[size:]
    return reads


def _judged(reads: Sequence[tuple[bytes, float]]) -> None:
    """What comes out are messages that mean something, and little is held."""
    incoming, reader, now = Incoming(), KeyReader(), 0.0
    for data, pause in reads:
        pieces = incoming.feed(data, now)
        now += pause
        pieces += incoming.tick(now)
        for piece in pieces:
            for message in reader.messages(piece):
                _check(message)
        assert (
            len(incoming._held) + len(incoming._paste or b"")
            <= 2 * LONGEST_PASTE_BYTES + _LONGEST_READ
        )


def _check(message: object) -> None:
    """A key has a name and at most one character; a paste has no control characters."""
    if isinstance(message, events.Key):
        assert message.key
        assert message.character is None or len(message.character) <= 1
    elif isinstance(message, events.Paste):
        assert not any(each < " " and each not in "\t\n\r" for each in message.text)


@contextlib.contextmanager
def _opened() -> Iterator[Judge]:
    yield _judged


TERMINAL: Final = Target("terminal", _made, _opened, short=500)
