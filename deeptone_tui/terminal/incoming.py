"""What a terminal sends, in pieces that mean something alone.

Textual's parser trusts what it gets: a byte that is not UTF-8 ends the thread of the keys, the rest
of a sequence that a slow link has cut in two is typed as keys, and so is text that is pasted by a
terminal without brackets. `Incoming` hands on whole sequences, whole pastes, and text.
"""

import codecs
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from textual import events
from textual.message import Message

MOST_WAITING: Final = 32
"""Messages that the app may have before it; what is typed faster nobody waits for."""
MOST_CELLS: Final = 150_000
"""Columns times rows of a screen that is drawn: more than the largest display shows, and few enough
that a frame does not hold up the keys for seconds."""

_LEAVING: Final = frozenset({"ctrl+c", "ctrl+q"})
_OF_HANDS = (events.Key, events.MouseEvent, events.Paste)

ESCAPE_DELAY_S: Final = 0.1
"""Seconds after which an escape without more is the key."""
SEQUENCE_TIMEOUT_S: Final = 5.0
"""Seconds in which a slow link brings the rest of a sequence."""
SHORTEST_PASTE_CHARS: Final = 4
"""Characters in one piece that nobody types at once."""
LONGEST_SEQUENCE_BYTES: Final = 32
"""Bytes, from which on Textual takes a sequence for so many keys."""
LONGEST_PASTE_BYTES: Final = 65_536
"""Bytes of a sequence or a paste; more are left out."""

_ESCAPE: Final = b"\x1b"
_PASTE: Final = b"\x1b[200~"
_PASTE_END: Final = b"\x1b[201~"
_STRINGS: Final = (b"\x1b]", b"\x1bP", b"\x1b^", b"\x1b_", b"\x1bX")
_NOBODYS: Final = (*_STRINGS, b"\x1b[M")
"""Answers and reports that were not asked for."""
_SEQUENCE: Final = re.compile(
    rb"\x1b(?:"
    rb"\[M[\x00-\xff]{3}"  # the mouse, as X10 has it
    rb"|\[\[[A-E]"  # function keys of the Linux console
    rb"|\[\d\d?\$"  # and of rxvt, with shift
    rb"|\[[0-?]*[ -/]*[@-~]"  # CSI
    rb"|O[ -~]"  # SS3
    rb"|[\]P^_X][^\x07\x1b]+(?:\x07|\x1b\\)"  # strings, which end with BEL or ST
    rb"|[^\x1b\[O\]P^_X])"  # a key with alt
)
_BEGUN: Final = re.compile(
    rb"\x1b(?:\[(?:M[\x00-\xff]{0,2}|\[|(?!\d\d?\$)[0-?]*[ -/]*)?|O|[\]P^_X][^\x07\x1b]*\x1b?)?"
)
_REST: Final = re.compile(rb"\[[0-?]*[ -/]*[@-~]|O[A-Z]")
"""Of a sequence whose escape came before."""
_RUNS: Final = re.compile(r"[^\x00-\x1f\x7f-\x9f]+(?:[\t\n\r]+[^\x00-\x1f\x7f-\x9f]*)*|[\x00-\x7f]")
"""Lines of text, or a control character that is a key."""
_NOT_PASTED: Final = dict.fromkeys((*range(9), 11, 12, *range(14, 32), 127))


class Admission:
    """Leaves out what comes faster than the app acts on it, but for the keys that leave.

    The app's own queues have no bound. Of changes of the focus, each of which has the whole screen
    styled anew, the last one counts.
    """

    def __init__(self, waiting: Callable[[], int]) -> None:
        """Admit all.

        Args:
            waiting: tells how many messages the app has before it.
        """
        self._waiting = waiting
        self._focus: Message | None = None
        self.left_out = 0
        """How many messages were not passed on."""

    def admitted(self, messages: Iterable[Message]) -> Iterator[Message]:
        """Those that are passed on, in their order; the focus comes with `due`."""
        for message in messages:
            if isinstance(message, events.AppFocus | events.AppBlur):
                self._focus = message
            elif self._is_too_much(message):
                self.left_out += 1
            else:
                yield message

    def due(self) -> Iterator[Message]:
        """The newest change of the focus, when there is time for it."""
        if self._focus is not None and self._waiting() < MOST_WAITING:
            focus, self._focus = self._focus, None
            yield focus

    def _is_too_much(self, message: Message) -> bool:
        if isinstance(message, events.Resize):
            return not 0 < message.size.area <= MOST_CELLS
        if isinstance(message, events.Key) and message.key in _LEAVING:
            return False
        if isinstance(message, events.MouseUp):  # without it what was dragged is never let go
            return False
        return isinstance(message, _OF_HANDS) and self._waiting() >= MOST_WAITING


def within_bounds(width: int, height: int) -> tuple[int, int]:
    """Return the part of a terminal that is drawn on, where it claims to be enormous."""
    return width, max(1, min(height, MOST_CELLS // max(1, width)))


@dataclass(frozen=True, slots=True)
class Parsable:
    """Text for the parser of the terminal's sequences: whole ones, or keys."""

    text: str


@dataclass(frozen=True, slots=True)
class Pasted:
    """Text that was pasted, without control characters but tabs and the ends of lines."""

    text: str


@dataclass(frozen=True, slots=True)
class Escape:
    """The key."""


Piece = Parsable | Pasted | Escape


class Incoming:
    """Cuts what comes from a terminal into pieces; whatever it is, it is never an error."""

    def __init__(self) -> None:
        self._held = b""
        self._since = 0.0  # when something came last
        self._paste: bytearray | None = None  # what was pasted so far
        self._escaped = -SEQUENCE_TIMEOUT_S  # when an escape was taken for the key
        self._decode = codecs.getincrementaldecoder("utf-8")("ignore").decode

    @property
    def patience(self) -> float | None:
        """Seconds after which a piece is due if nothing comes; None while there is nothing held."""
        if self._paste is None and _is_key(self._held):
            return ESCAPE_DELAY_S
        return SEQUENCE_TIMEOUT_S if self._held or self._paste is not None else None

    @property
    def held_bytes(self) -> int:
        """Bytes that wait for more."""
        return len(self._held) + len(self._paste or b"")

    def feed(self, data: bytes, now: float) -> list[Piece]:
        """Take what was read at once.

        Args:
            data: any bytes.
            now: seconds that only grow.
        """
        if now - self._escaped < SEQUENCE_TIMEOUT_S and (rest := _REST.match(data)):
            data = data[rest.end() :]
        self._escaped = now - SEQUENCE_TIMEOUT_S
        self._held, self._since = self._held + data, now
        return list(self._cut())

    def tick(self, now: float) -> list[Piece]:
        """What is due since nothing came: the key escape; what was cut off is dropped."""
        if self.patience is None or now - self._since < self.patience:
            return []
        held, self._held = self._held, b""
        if self._paste is not None:
            pasted, self._paste = self._paste + held, None
            return [_pasted(pasted)]
        if held == _ESCAPE:
            self._escaped = now
            return [Escape()]
        return [Parsable(held.decode("ascii"))] if _is_key(held) else []

    def _cut(self) -> Iterator[Piece]:
        """Take off what is held all that is complete."""
        while self._held:
            if self._paste is not None:
                text, end, rest = self._held.partition(_PASTE_END)
                if not end:  # of which a part may be there
                    text, rest = self._held[: -len(_PASTE_END)], self._held[-len(_PASTE_END) :]
                self._paste += text[: LONGEST_PASTE_BYTES - len(self._paste)]
                self._held = rest
                if not end:
                    return
                pasted, self._paste = self._paste, None
                yield _pasted(pasted)
            elif at := (self._held + _ESCAPE).find(_ESCAPE):
                text, self._held = self._held[:at], self._held[at:]
                yield from _typed(self._decode(text))
            elif _BEGUN.fullmatch(self._held) and len(self._held) < LONGEST_PASTE_BYTES:
                return
            else:
                yield from self._sequence()

    def _sequence(self) -> Iterator[Piece]:
        """Take off a sequence, or an escape that begins none."""
        found = _SEQUENCE.match(self._held)
        sequence = found[0] if found else _ESCAPE
        self._held = self._held[len(sequence) :]
        if sequence == _PASTE:
            self._paste = bytearray()
        elif sequence == _ESCAPE:
            yield Escape()
        elif len(sequence) <= LONGEST_SEQUENCE_BYTES and not sequence.startswith(_NOBODYS):
            yield Parsable(sequence.decode("latin-1"))


def _is_key(held: bytes) -> bool:
    """Whether it may be a whole key: escape, or alt with one that also begins a string."""
    return held == _ESCAPE or held in _STRINGS


def _typed(text: str) -> Iterator[Piece]:
    """Text outside of sequences: keys, or what a terminal without brackets has pasted."""
    for run in _RUNS.findall(text):
        written = run.strip()
        if len(written) >= SHORTEST_PASTE_CHARS and len(set(written)) > 1:
            yield Pasted(run)
        else:
            yield Parsable(run)


def _pasted(text: bytes | bytearray) -> Pasted:
    """What was pasted, without what would not be text."""
    return Pasted("".join(_RUNS.findall(text.decode("utf-8", "ignore"))).translate(_NOT_PASTED))
