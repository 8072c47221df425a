"""What a terminal sends, cut into pieces."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from deeptone_tui.terminal.incoming import (
    ESCAPE_DELAY_S,
    LONGEST_PASTE_BYTES,
    SEQUENCE_TIMEOUT_S,
    Escape,
    Incoming,
    Parsable,
    Pasted,
    Piece,
)

WHOLE = [
    b"a",
    b"\r",
    b"\x03",
    "é".encode(),
    b"\x1b[C",
    b"\x1b[1;2C",
    b"\x1bOP",
    b"\x1b[[A",
    b"\x1b[3$",
    b"\x1b[<35;20;5M",
    b"\x1b[?2026;2$y",
    b"\x1b[24;80R",
    b"\x1ba",
    b"\x1b[I",
]
"""Keys, reports and answers, each one event."""


def test_what_is_whole_goes_through_as_it_is() -> None:
    """All of it at once, in its order."""
    pieces = Incoming().feed(b"".join(WHOLE), 0.0)
    assert "".join(piece.text for piece in pieces if isinstance(piece, Parsable)) == "".join(
        one.decode() for one in WHOLE
    )


@pytest.mark.parametrize("whole", [one for one in WHOLE if len(one) > 1])
def test_a_slow_link_cuts_nothing_in_two(whole: bytes) -> None:
    """Neither at any place nor in single bytes, and however long the rest takes within reason."""
    for cut in range(2, len(whole)):
        incoming = Incoming()
        assert incoming.feed(whole[:cut], 0.0) == []
        assert incoming.tick(SEQUENCE_TIMEOUT_S - 0.1) == []
        assert incoming.feed(whole[cut:], SEQUENCE_TIMEOUT_S - 0.1) == [Parsable(whole.decode())]
    incoming = Incoming()
    pieces = [piece for n, byte in enumerate(whole) for piece in incoming.feed(bytes([byte]), n)]
    assert pieces == [Parsable(whole.decode())]


def test_escape_alone_is_a_key_after_a_moment() -> None:
    """The shortest that a sequence takes to come."""
    incoming = Incoming()
    assert incoming.patience is None
    assert incoming.feed(b"\x1b", 1.0) == []
    assert incoming.patience == ESCAPE_DELAY_S
    assert incoming.tick(1.0 + ESCAPE_DELAY_S / 2) == []
    assert incoming.tick(1.0 + ESCAPE_DELAY_S) == [Escape()]
    assert incoming.patience is None
    assert incoming.feed(b"\x1b\x1b\x1b[C", 3.0) == [Escape(), Escape(), Parsable("\x1b[C")]


@pytest.mark.parametrize("rest", [b"[?2026;2$y", b"[<35;20;5M", b"[C", b"OP"])
def test_what_comes_late_after_an_escape_is_no_key(rest: bytes) -> None:
    """The answer of a terminal, a report, an arrow: the link was slow, nobody typed that."""
    incoming = Incoming()
    incoming.feed(b"\x1b", 0.0)
    assert incoming.tick(0.3) == [Escape()]
    assert incoming.feed(rest + b"q", 0.4) == [Parsable("q")]
    assert incoming.feed(rest, 0.5) != []  # once


def test_keys_after_an_escape_are_keys() -> None:
    """Also those that begin sequences."""
    incoming = Incoming()
    incoming.feed(b"\x1b", 0.0)
    incoming.tick(0.3)
    assert incoming.feed(b"[", 0.4) == [Parsable("[")]
    assert incoming.feed(b"O", 0.5) == [Parsable("O")]


@pytest.mark.parametrize(
    "string", [b"\x1b]11;rgb:00/00/00\x1b\\", b"\x1bP>|xterm\x1b\\", b"\x1b]0;x\x07"]
)
def test_answers_that_nobody_asked_for_are_passed_over(string: bytes) -> None:
    """Whole ones, and those that never end."""
    incoming = Incoming()
    assert incoming.feed(string + b"q", 0.0) == [Parsable("q")]
    assert incoming.feed(string[:-2], 1.0) == []
    assert incoming.tick(1.0 + SEQUENCE_TIMEOUT_S) == []
    assert incoming.feed(b"q", 10.0) == [Parsable("q")]
    assert incoming.feed(string[:2], 11.0) == []
    assert incoming.tick(11.2) == [Parsable(string[:2].decode())]  # alt


@pytest.mark.parametrize("begun", [b"\x1b]52;c;", b"\x1bP", b"\x1b_"])
@pytest.mark.parametrize("size", [1000, 5 * LONGEST_PASTE_BYTES])
def test_a_string_of_any_length_is_no_text(begun: bytes, size: int) -> None:
    """However it is cut; no more than a bound of it is held, and keys after it are keys."""
    incoming, pieces = Incoming(), list[Piece]()
    data = begun + size * b"a" + b"\x1b\\" + b"x"
    for start in range(0, len(data), 4096):
        pieces += incoming.feed(data[start : start + 4096], 0.0)
        assert len(incoming._held) + len(incoming._paste or b"") <= LONGEST_PASTE_BYTES + 4096
    assert pieces == [Parsable("x")]


def test_a_mouse_of_old_is_passed_over() -> None:
    """Its coordinates are any bytes."""
    for report in (b"\x1b[M\x23\x80\x30", b"\x1b[M\x20\xf7\x30", b"\x1b[M\xc3\xa9\x1b"):
        assert Incoming().feed(report + b"q", 0.0) == [Parsable("q")]


def test_bytes_that_are_no_text_are_left_out() -> None:
    """A key of a Latin-1 terminal, line noise; a character in two pieces is whole."""
    incoming = Incoming()
    assert incoming.feed(b"\xe9x", 0.0) == [Parsable("x")]
    assert incoming.feed(b"\xff\xfe\x80", 1.0) == []
    assert incoming.feed("é".encode()[:1], 2.0) == []
    assert incoming.feed("é".encode()[1:], 3.0) == [Parsable("é")]


@pytest.mark.parametrize("size", [1, 2, 3, 7, 999])
def test_a_paste_is_one_piece(size: int) -> None:
    """However it was cut, with an escape in it, in any encoding; keys go on after it."""
    data = b"\x1b[200~0.0\x1b[31m05 \xe4\x00\x1b\x1b[201~q"
    incoming, pieces = Incoming(), list[Piece]()
    for at in range(0, len(data), size):
        pieces += incoming.feed(data[at : at + size], 0.0)
    assert pieces == [Pasted("0.0[31m05 "), Parsable("q")]


def test_a_paste_that_never_ends_is_one_that_has_ended() -> None:
    """Nobody waits for ever for the end of one."""
    incoming = Incoming()
    assert incoming.feed(b"\x1b[200~0.005", 0.0) == []
    assert incoming.tick(SEQUENCE_TIMEOUT_S) == [Pasted("0.005")]
    assert incoming.feed(b"q", 6.0) == [Parsable("q")]


@pytest.mark.parametrize("text", ["-40 dB", "request", "0.005\r", "−38.0 dBFS", "one\rtwo\r"])
def test_a_paste_without_brackets_is_a_paste(text: str) -> None:
    """As GNU screen and serial lines send it."""
    assert Incoming().feed(text.encode(), 0.0) == [Pasted(text)]


@pytest.mark.parametrize("text", ["abc", "qq", ",,,,,,,", "\r", "a\r"])
def test_keys_that_come_together_are_keys(text: str) -> None:
    """A key that repeats on a slow link, or some that were typed quickly."""
    pieces = Incoming().feed(text.encode(), 0.0)
    assert "".join(piece.text for piece in pieces if isinstance(piece, Parsable)) == text


def test_interrupting_is_never_pasted() -> None:
    """It is a key, whatever it comes with."""
    assert Incoming().feed(b"request\x03", 0.0) == [Pasted("request"), Parsable("\x03")]


@given(st.lists(st.tuples(st.binary(max_size=40), st.floats(0, 9)), max_size=12))
@example([(b"\x1b[200~", 0.0), (b"x" * 70_000, 0.0), (b"\x1b[201~q", 0.0)])
def test_no_bytes_are_an_error_and_nothing_is_held_for_ever(
    parts: list[tuple[bytes, float]],
) -> None:
    """After some seconds the next key is a key again, and what was handed on is clean."""
    incoming, now, pieces = Incoming(), 0.0, list[Piece]()
    for data, pause in parts:
        pieces += incoming.feed(data, now)
        now += pause
        pieces += incoming.tick(now)
    now += SEQUENCE_TIMEOUT_S
    pieces += incoming.tick(now)
    assert incoming.patience is None
    assert incoming.feed(b"q", now + SEQUENCE_TIMEOUT_S) == [Parsable("q")]
    pasted = "".join(piece.text for piece in pieces if isinstance(piece, Pasted))
    assert not any(ord(sign) < 32 and sign not in "\t\n\r" for sign in pasted)
