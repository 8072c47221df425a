"""What of a terminal's messages the app is given."""

import pytest
from textual import events
from textual.geometry import Size

from deeptone_tui.terminal.incoming import MOST_WAITING, Admission, within_bounds


def key(name: str = "x") -> events.Key:
    """A key that was pressed."""
    return events.Key(name, None)


def resize(width: int, height: int) -> events.Resize:
    """A size that the terminal tells in its own words."""
    return events.Resize(Size(width, height), Size(width, height))


def test_keys_wait_for_an_app_that_is_behind_only_up_to_a_bound() -> None:
    """What is typed faster than it is acted on is left out and counted; leaving never is."""
    queue: list[object] = []
    admission = Admission(lambda: len(queue))
    queue.extend(admission.admitted([key() for _ in range(10_000)]))
    assert len(queue) == MOST_WAITING
    assert admission.left_out == 10_000 - MOST_WAITING
    mouse = events.MouseScrollUp(None, 0, 0, 0, 0, 0, False, False, False)
    late = [events.Paste("-40 dB"), mouse, key("ctrl+c"), key("ctrl+q")]
    assert list(admission.admitted(late)) == late[2:]
    queue.clear()
    assert list(admission.admitted(late)) == late


def test_of_changes_of_the_focus_the_last_one_counts() -> None:
    """As soon as the app has time for it."""
    waiting = 0
    admission = Admission(lambda: waiting)
    lost, found = events.AppBlur(), events.AppFocus()
    assert list(admission.admitted([found, lost] * 500)) == []
    waiting = MOST_WAITING
    assert list(admission.due()) == []
    waiting = 0
    assert list(admission.due()) == [lost]
    assert list(admission.due()) == []


@pytest.mark.parametrize(
    ("width", "height", "passes"),
    [(80, 24, True), (1, 1, True), (0, 0, False), (0, 5, False), (99_999_999, 99_999_999, False)],
)
def test_a_size_that_cannot_be_drawn_is_left_out(width: int, height: int, *, passes: bool) -> None:
    """A terminal that says so in its own words may say anything."""
    admission = Admission(lambda: 0)
    assert len(list(admission.admitted([resize(width, height)]))) == passes


@pytest.mark.parametrize(
    ("size", "drawn"),
    [((80, 24), (80, 24)), ((65_535, 2), (65_535, 2)), ((65_535, 65_535), (65_535, 2))],
)
def test_of_an_enormous_terminal_a_part_is_drawn_on(
    size: tuple[int, int], drawn: tuple[int, int]
) -> None:
    """Its width stays: that is where lines are cut."""
    assert within_bounds(*size) == drawn
