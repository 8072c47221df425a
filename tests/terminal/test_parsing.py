"""Reading what is written."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deeptone_tui.terminal.canvas import Canvas
from deeptone_tui.terminal.parsing import Parser, SequenceKind
from deeptone_tui.terminal.pens import Pens

WIDTH, HEIGHT = 20, 5

pieces = st.one_of(
    st.text("ab─█世e\u0301🎤", max_size=8),
    st.sampled_from(
        [
            "\x1b[31mred\x1b[0m", "\x1b[1;38;2;1;2;3m", "\x1b[m", "\x1b[2;3H", "\x1b[H", "\n", "\r",
            "\b", "\x1b[3A", "\x1b[B", "\x1b[4C", "\x1b[D", "\x1b[7G", "\x1b[4d", "\x1b[K",
            "\x1b[2J", "\x1b[3X", "\x1b[?7l", "\x1b[?7h", "\x1b[?2026h", "\x1b]8;;https://a.example\x1b\\x",
            "\x1b]8;;\x1b\\", "\a", "\x1b]52;c;aGk=\a", "\x1bPq#0\x1b\\", "\x1b[?1049h", "\x1b[5n",
        ]
    ),
)  # fmt: skip


class Heard:
    """A parser, its canvas and what it passed on."""

    def __init__(self) -> None:
        self.pens = Pens()
        self.canvas = Canvas(WIDTH, HEIGHT, self.pens)
        self.parser = Parser(self.canvas)
        self.passed: list[tuple[SequenceKind, str]] = []

    def feed(self, text: str) -> None:
        """Read a piece."""
        self.parser.feed(text, lambda kind, sequence: self.passed.append((kind, sequence)))

    @property
    def looks(self) -> object:
        """All there is to see, and what was passed on."""
        rows = [
            [None if cell is None else (cell.text, cell.pen.codes, cell.pen.link) for cell in row]
            for row in self.canvas.rows
        ]
        return rows, self.canvas.x, self.canvas.y, self.canvas.pen.codes, self.passed


@given(st.lists(pieces, max_size=20).map("".join), st.lists(st.integers(0, 200), max_size=5))
def test_it_does_not_matter_where_a_piece_ends(text: str, cuts: list[int]) -> None:
    """A sequence may begin in one write and end in the next."""
    ends = sorted({min(cut, len(text)) for cut in cuts})
    # A mark in another piece than its letter is another thing than a letter with a mark.
    ends = [end for end in ends if text[end : end + 1] != "\u0301"]
    whole, cut_up = Heard(), Heard()
    whole.feed(text)
    for start, end in zip([0, *ends], [*ends, len(text)], strict=True):
        cut_up.feed(text[start:end])
    assert cut_up.looks == whole.looks


@given(st.text(st.characters(codec="utf-8")), st.text("\x1b[]();?<=>0123456789mHJKABCDPX^_\\\a\n"))
def test_anything_can_be_read(text: str, sequences: str) -> None:
    """Whatever is written, nothing fails, and rows keep their width."""
    heard = Heard()
    heard.feed(text)
    heard.feed(sequences)
    assert {len(row) for row in heard.canvas.rows} == {WIDTH}
    assert len(heard.canvas.rows) == HEIGHT


@pytest.mark.parametrize(
    "sequence",
    [
        "\a", "\x1b]52;c;aGVsbG8=\a", "\x1b]0;a title\x1b\\", "\x1b]22;pointer\a", "\x1b[?1000h",
        "\x1b[?25l", "\x1b[>25u", "\x1b[<u", "\x1b[?2048$p", "\x1b[?2026$p", "\x1b[6n", "\x1b[c",
        "\x1b[2 q", "\x1b[?7l", "\x1b[22t",
    ],
)  # fmt: skip
def test_what_draws_nothing_is_harmless(sequence: str) -> None:
    """It is passed on as it is, and the model stays."""
    heard = Heard()
    heard.feed(f"a{sequence}b")
    assert heard.passed == [(SequenceKind.HARMLESS, sequence)]
    assert [cell.text for cell in heard.canvas.rows[0][:2] if cell is not None] == ["a", "b"]


@pytest.mark.parametrize(
    "sequence",
    [
        "\x1bPq#0;2;0;0;0\x1b\\", "\x1b_Gf=100;AAAA\x1b\\", "\x1b[4h", "\x1b[3@", "\x1b[2P",
        "\x1b[L", "\x1b[2;4r", "\x1b#8", "\x1bM", "\x1b[58;5;1m", "\x1b[4:3m",
        "\x1b[41m\x1b[K", "\t", "\x0e",
    ],
)  # fmt: skip
def test_what_may_draw_is_unknown(sequence: str) -> None:
    """Pictures, insertions, character sets: passed on, in one piece, and told apart."""
    heard = Heard()
    heard.feed(sequence)
    (kind, passed) = heard.passed[-1]
    assert kind is SequenceKind.UNKNOWN
    assert sequence.endswith(passed)


def test_another_screen_is_a_reset() -> None:
    """It is empty, whatever was there before."""
    heard = Heard()
    heard.feed("\x1b[?1049h")
    assert heard.passed == [(SequenceKind.RESET, "\x1b[?1049h")]
