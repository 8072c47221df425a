"""Terminal input, cut into pieces that are complete in themselves.

Textual's parser trusts its input: a byte that is not UTF-8 ends the input thread, the rest of a
sequence that a slow link has split is typed as keys, and so is text pasted by a terminal without
bracketed paste. `Incoming` passes on whole sequences, whole pastes, and text; `Admission` drops
what arrives faster than the app acts on it.
"""

import codecs
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from textual import events
from textual.message import Message

MOST_WAITING: Final = 32
"""Limit of messages pending in the app; keys, mouse events and pastes beyond it are dropped."""
MOST_CELLS: Final = 150_000
"""Limit of columns times rows of the screen that is drawn: more than the largest display shows, and
few enough that a frame does not delay the keys by seconds."""

_LEAVING: Final = frozenset({"ctrl+c", "ctrl+q"})
_OF_HANDS = (events.Key, events.MouseEvent, events.Paste)

ESCAPE_DELAY_S: Final = 0.1
"""Seconds after which a lone escape character counts as the escape key."""
SEQUENCE_TIMEOUT_S: Final = 5.0
"""Seconds within which a slow link delivers the rest of a sequence."""
SHORTEST_PASTE_CHARS: Final = 4
"""Characters in one piece from which text is a paste: nobody types so many at once."""
LONGEST_SEQUENCE_BYTES: Final = 32
"""Longest sequence in bytes that is passed on; Textual takes a longer one for single keys."""
LONGEST_PASTE_BYTES: Final = 65_536
"""Longest paste in bytes, of which the rest is dropped. Of a sequence that does not end, the
content is dropped at this length."""

_ESCAPE: Final = b"\x1b"
_PASTE: Final = b"\x1b[200~"
_PASTE_END: Final = b"\x1b[201~"
_STRINGS: Final = (b"\x1b]", b"\x1bP", b"\x1b^", b"\x1b_", b"\x1bX")
_NOBODYS: Final = (*_STRINGS, b"\x1b[M")
"""Prefixes of replies and reports that were not requested; they are dropped."""
_SEQUENCE: Final = re.compile(
    rb"\x1b(?:"
    rb"\[M[\x00-\xff]{3}"  # X10 mouse report
    rb"|\[\[[A-E]"  # function keys of the Linux console
    rb"|\[\d\d?\$"  # rxvt function keys with shift
    rb"|\[[0-?]*[ -/]*[@-~]"  # CSI
    rb"|O[ -~]"  # SS3
    rb"|[\]P^_X][^\x07\x1b]+(?:\x07|\x1b\\)"  # control strings, which end with BEL or ST
    rb"|[^\x1b\[O\]P^_X])"  # a key with alt
)
_BEGUN: Final = re.compile(
    rb"\x1b(?:\[(?:M[\x00-\xff]{0,2}|\[|(?!\d\d?\$)[0-?]*[ -/]*)?|O|[\]P^_X][^\x07\x1b]*\x1b?)?"
)
_REST: Final = re.compile(rb"\[[0-?]*[ -/]*[@-~]|O[A-Z]")
"""Rest of a sequence whose escape came before."""
_RUNS: Final = re.compile(r"[^\x00-\x1f\x7f-\x9f]+(?:[\t\n\r]+[^\x00-\x1f\x7f-\x9f]*)*|[\x00-\x7f]")
"""Lines of text, or a control character that is a key."""
_NOT_PASTED: Final = dict.fromkeys((*range(9), 11, 12, *range(14, 32), 127))


class Admission:
    """Drops input that arrives faster than the app acts on it, except the keys that quit.

    The app's own queues are unbounded. Of focus changes, each of which restyles the whole screen,
    only the newest counts.
    """

    def __init__(self, waiting: Callable[[], int]) -> None:
        """Start with nothing pending.

        Args:
            waiting: returns the number of messages pending in the app.
        """
        self._waiting = waiting
        self._focus: Message | None = None
        self.left_out = 0
        """Number of messages dropped."""

    def admitted(self, messages: Iterable[Message]) -> Iterator[Message]:
        """Yield the messages to pass on, in order; focus changes come from `due`."""
        for message in messages:
            if isinstance(message, events.AppFocus | events.AppBlur):
                self._focus = message
            elif self._is_too_much(message):
                self.left_out += 1
            else:
                yield message

    def due(self) -> Iterator[Message]:
        """Yield the newest focus change, once the app has time for it."""
        if self._focus is not None and self._waiting() < MOST_WAITING:
            focus, self._focus = self._focus, None
            yield focus

    def _is_too_much(self, message: Message) -> bool:
        if isinstance(message, events.Resize):
            return not 0 < message.size.area <= MOST_CELLS
        if isinstance(message, events.Key) and message.key in _LEAVING:
            return False
        if isinstance(message, events.MouseUp):  # without it a drag would never end
            return False
        return isinstance(message, _OF_HANDS) and self._waiting() >= MOST_WAITING


def within_bounds(width: int, height: int) -> tuple[int, int]:
    """Return the size to draw at, with the rows limited so that `MOST_CELLS` is not exceeded."""
    return width, max(1, min(height, MOST_CELLS // max(1, width)))


@dataclass(frozen=True, slots=True)
class Parsable:
    """Text for the parser of escape sequences: whole sequences, or keys."""

    text: str


@dataclass(frozen=True, slots=True)
class Pasted:
    """Pasted text, without control characters except tabs and line ends."""

    text: str


@dataclass(frozen=True, slots=True)
class Escape:
    """The escape key."""


Piece = Parsable | Pasted | Escape


class Incoming:
    """Cuts terminal input into pieces; no input is an error."""

    def __init__(self) -> None:
        self._held = b""
        self._since = 0.0  # time of the latest input
        self._paste: bytearray | None = None  # the paste so far
        self._escaped = -SEQUENCE_TIMEOUT_S  # time at which an escape was taken for the key
        self._decode = codecs.getincrementaldecoder("utf-8")("ignore").decode

    @property
    def patience(self) -> float | None:
        """Seconds without input after which a piece is due; None while nothing is held."""
        if self._paste is None and _is_key(self._held):
            return ESCAPE_DELAY_S
        return SEQUENCE_TIMEOUT_S if self._held or self._paste is not None else None

    def feed(self, data: bytes, now: float) -> list[Piece]:
        """Take the bytes of one read and return the pieces that are complete.

        Args:
            data: any bytes.
            now: monotonic time in seconds.
        """
        if now - self._escaped < SEQUENCE_TIMEOUT_S and (rest := _REST.match(data)):
            data = data[rest.end() :]
        self._escaped = now - SEQUENCE_TIMEOUT_S
        self._held, self._since = self._held + data, now
        return list(self._cut())

    def tick(self, now: float) -> list[Piece]:
        """Return the pieces due after a pause: a key or an unfinished paste; drop the rest."""
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
        """Yield all complete pieces and remove them from the held bytes."""
        while self._held:
            if self._paste is not None:
                text, end, rest = self._held.partition(_PASTE_END)
                if not end:  # it may have arrived in part
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
            elif _BEGUN.fullmatch(self._held):
                if len(self._held) > LONGEST_PASTE_BYTES:
                    # Its content is dropped; its end may have begun.
                    self._held = self._held[: len(_STRINGS[0])] + self._held[-len(_STRINGS[0]) :]
                return
            else:
                yield from self._sequence()

    def _sequence(self) -> Iterator[Piece]:
        """Remove a sequence, or an escape that begins none, and yield its piece."""
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
    """Return True if it may be a whole key: escape, or alt with a key that also begins a string."""
    return held == _ESCAPE or held in _STRINGS


def _typed(text: str) -> Iterator[Piece]:
    """Yield text outside sequences: keys, or a paste from a terminal without bracketed paste."""
    for run in _RUNS.findall(text):
        written = run.strip()
        if len(written) >= SHORTEST_PASTE_CHARS and len(set(written)) > 1:
            yield Pasted(run)
        else:
            yield Parsable(run)


def _pasted(text: bytes | bytearray) -> Pasted:
    """Return a paste without the bytes that are not text."""
    return Pasted("".join(_RUNS.findall(text.decode("utf-8", "ignore"))).translate(_NOT_PASTED))
