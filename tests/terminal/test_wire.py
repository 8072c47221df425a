"""The wire between Textual and a terminal."""

from typing import Any, cast

import pytest
from support.terminals.emulator import Emulator
from support.terminals.wire_sessions import HeldWriter, Placed, SameThread, looks_the_same, paint

from deeptone_tui.terminal.canvas import pen_of
from deeptone_tui.terminal.screen_output import ScreenOutput

WIDTH, HEIGHT = 30, 5
COLOURS = [pen_of(f"3{number}", "", frozenset(), "") for number in range(7)]


class Rig:
    """A wire, a terminal that can be stalled, and a clock."""

    def __init__(self) -> None:
        self.sent = bytearray()
        self.terminal = Emulator(WIDTH, HEIGHT)
        self.writer = HeldWriter(self._show)
        self.loop = SameThread()
        self.clock = 0.0
        writer, loop = cast("Any", self.writer), cast("Any", self.loop)
        self.wire = ScreenOutput(writer, (WIDTH, HEIGHT), loop, lambda: self.clock)

    def _show(self, data: bytes) -> None:
        self.sent += data
        self.terminal.feed(data)

    def draw(self, *parts: Placed, cursor: tuple[int, int] = (0, 0)) -> None:
        """Draw onto the canvas."""
        assert self.wire.draw(lambda: paint(self.wire.canvas, parts, cursor))

    def frame(self, text: str) -> None:
        """Draw a frame with a text in it."""
        self.draw((0, 0, [(text, COLOURS[1])]))
        self.wire.flush()


@pytest.fixture
def rig() -> Rig:
    """A wire to an empty terminal."""
    return Rig()


def test_a_stalled_terminal_gets_only_the_newest(rig: Rig) -> None:
    """Frames are dropped, not queued."""
    rig.writer.stalled = True
    for number in range(100):
        rig.frame(f"number {number}")
    assert rig.writer.waiting < 100
    rig.writer.release()
    assert "number 99" in rig.terminal.text
    assert b"50" not in rig.sent


def test_what_is_for_the_terminal_is_kept_in_order(rig: Rig) -> None:
    """The clipboard and the bell are no frames; they come, in their order, and not without end."""
    rig.writer.stalled = True
    passed = ["\x1b]52;c;aGVsbG8=\a", "\a", "\x1b[?1000l"]
    for sequence in passed:
        rig.wire.write(sequence)
    for _ in range(100_000):
        rig.wire.write("\a")
    assert rig.writer.waiting < 70_000
    rig.writer.release()
    assert rig.sent.decode().startswith("".join(passed))


def test_a_character_that_cannot_be_written_is_a_question_mark(rig: Rig) -> None:
    """A file's name need not be UTF-8."""
    rig.frame("b\udce4d.wav is open")
    rig.frame("b\udce4d.wav is shut")
    assert "b?d.wav is shut" in rig.terminal.text


@pytest.mark.parametrize(
    "sequence",
    [
        "\x1bPq#0;2;0;0;0\x1b\\", "\x1b_Gf=100;AAAA\x1b\\", "\x1b[4h", "\x1b[3@", "\x1b[2P",
        "\x1b[L", "\x1b[2;4r", "\x1b#8", "\x1bM", "\x1b[41m\x1b[K", "\t", "\x0e", "\x1b[2J",
        "\x1b]8;;https://a.example\a", "\x1b[1;1Htext",
    ],
)  # fmt: skip
def test_the_unknown_stands_between_what_was_drawn_before_and_after(
    rig: Rig, sequence: str
) -> None:
    """A picture lies over what was there; everything written later is sent again."""
    rig.frame("before")
    rig.draw((0, 1, [("under", COLOURS[2])]))
    rig.wire.write(sequence)
    rig.frame("before")
    sent = rig.sent.decode()
    assert sent.index("under") < sent.index(f"\x1b[m{sequence}") < sent.rindex("before")


@pytest.mark.parametrize(
    "sequence",
    [
        "\a", "\x1b]52;c;aGVsbG8=\a", "\x1b]0;a title\x1b\\", "\x1b]22;pointer\a", "\x1b[?1000h",
        "\x1b[?25l", "\x1b[>25u", "\x1b[<u", "\x1b[?2048$p", "\x1b[?2026$p", "\x1b[6n", "\x1b[c",
        "\x1b[2 q", "\x1b[?7l", "\x1b[22t", "\x1b[?1000h\x1b[?1003h",
    ],
)  # fmt: skip
def test_what_draws_nothing_is_passed_on_and_nothing_is_sent_again(rig: Rig, sequence: str) -> None:
    """As it is, at once; the model of the screen stays."""
    rig.frame("before")
    sent = len(rig.sent)
    rig.wire.write(sequence)
    rig.frame("before")
    assert rig.sent[sent:].decode() == sequence


def test_two_frames_a_second_while_nobody_looks(rig: Rig) -> None:
    """And the newest when somebody does again."""
    rig.frame("first")
    rig.wire.focused(focused=False)
    rig.clock += 0.1
    rig.frame("hidden")
    assert "hidden" not in rig.terminal.text
    rig.clock += 0.5
    rig.frame("second")
    assert "second" in rig.terminal.text
    rig.clock += 0.1
    rig.frame("newest")
    rig.wire.focused(focused=True)
    assert "newest" in rig.terminal.text


def test_nothing_new_sends_nothing(rig: Rig) -> None:
    """Not a byte."""
    rig.frame("the same")
    sent = len(rig.sent)
    for _ in range(10):
        rig.frame("the same")
    assert len(rig.sent) == sent


def test_large_frames_are_synchronised_where_the_terminal_knows_it(rig: Rig) -> None:
    """Small ones arrive in one piece anyway."""
    rig.wire.frames_known()
    rig.frame("small")
    assert b"\x1b[?2026h" not in rig.sent
    row = [("x", COLOURS[x % 7]) for x in range(WIDTH)]
    rig.draw(*((0, y, row) for y in range(HEIGHT)))
    rig.wire.flush()
    assert rig.sent.count(b"\x1b[?2026h") == rig.sent.count(b"\x1b[?2026l") == 1


def test_another_size_is_drawn_from_nothing(rig: Rig) -> None:
    """What the terminal kept of the old one is not known."""
    rig.frame("as before")
    sent = len(rig.sent)
    rig.wire.resized(WIDTH, HEIGHT)
    rig.frame("as before")
    assert b"as before" in rig.sent[sent:]


def test_leaving_writes_everything_as_it_is(rig: Rig) -> None:
    """Whatever was drawn but not sent belongs to a screen that is gone."""
    rig.wire.leave()
    rig.wire.write("\x1b[?1049lback in the shell")
    rig.wire.flush()
    assert rig.sent.endswith(b"\x1b[?1049lback in the shell")


def test_the_cursor_stands_where_somebody_types(rig: Rig) -> None:
    """For the windows of input methods; at the beginning it does not matter."""
    rig.draw((0, 2, [("typed", COLOURS[1])]), cursor=(5, 2))
    rig.wire.flush()
    cursor = rig.terminal.screen.cursor
    assert (cursor.x, cursor.y) == (5, 2)


@pytest.mark.parametrize("first", range(0, 100, 10))  # `bench_wire --sessions 1000` draws more
def test_random_sessions_look_the_same(first: int) -> None:
    """Cell by cell, colours and attributes, after every few frames, as on the bare terminal."""
    assert [seed for seed in range(first, first + 10) if not looks_the_same(seed)] == []
