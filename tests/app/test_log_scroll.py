"""The window on the log."""

from hypothesis import given
from hypothesis import strategies as st

from deeptone_tui.app.presenters.results_model import LogScroll


def scroll_of(end: int, rows: int = 10, first: int = 0) -> LogScroll:
    """A window that follows."""
    scroll = LogScroll()
    scroll.extend(first, end)
    scroll.resize(rows)
    return scroll


def test_it_follows_the_newest_line() -> None:
    """Until it is moved."""
    scroll = scroll_of(30)
    assert (scroll.top, scroll.following) == (20, True)
    scroll.extend(0, 35)
    assert scroll.top == 25


def test_few_lines_stand_at_the_top() -> None:
    """There is nothing before the first."""
    assert scroll_of(3).top == 0


def test_moving_up_selects_and_holds() -> None:
    """The first step selects the newest line; new ones are counted, and do not move the view."""
    scroll = scroll_of(30)
    scroll.move(-1)
    assert (scroll.selected, scroll.top, scroll.following) == (29, 20, False)
    scroll.extend(0, 42)
    assert (scroll.top, scroll.unseen) == (20, 12)
    scroll.move(-1)
    assert scroll.selected == 28


def test_moving_past_the_end_follows_again() -> None:
    """The newest line is where following begins."""
    scroll = scroll_of(30)
    scroll.move(-2)
    assert scroll.selected == 28
    scroll.move(2)
    assert scroll.following
    assert scroll.selected is None
    assert scroll.unseen == 0


def test_scrolling_takes_the_selection_away() -> None:
    """The wheel moves the view only; at the end it follows."""
    scroll = scroll_of(30)
    scroll.select(25)
    scroll.scroll(-3)
    assert (scroll.selected, scroll.top) == (None, 17)
    scroll.scroll(3)
    assert scroll.following


def test_a_selected_line_is_in_view() -> None:
    """However far away it was."""
    scroll = scroll_of(100)
    scroll.select(3)
    assert scroll.top == 3
    scroll.select(50)
    assert scroll.top == 41


def test_lines_that_are_gone_leave_the_window() -> None:
    """It stays on lines that exist."""
    scroll = scroll_of(100)
    scroll.select(3)
    scroll.extend(40, 140)
    assert (scroll.top, scroll.selected) == (40, 40)


def test_nothing_can_be_selected_where_nothing_is() -> None:
    """An empty log goes on following."""
    scroll = scroll_of(0)
    scroll.select(0)
    scroll.move(-1)
    assert (scroll.selected, scroll.following) == (None, True)


actions = st.lists(
    st.one_of(
        st.tuples(st.just("move"), st.integers(-30, 30)),
        st.tuples(st.just("scroll"), st.integers(-30, 30)),
        st.tuples(st.just("select"), st.integers(-5, 200)),
        st.tuples(st.just("resize"), st.integers(0, 40)),
        st.tuples(st.just("grow"), st.integers(0, 30)),
        st.tuples(st.just("forget"), st.integers(0, 30)),
        st.tuples(st.just("hold"), st.just(0)),
        st.tuples(st.just("follow"), st.just(0)),
    )
)


@given(actions)
def test_the_window_always_shows_lines_that_exist(done: list[tuple[str, int]]) -> None:
    """Whatever is done to it, in whatever order."""
    scroll = scroll_of(20, 5)
    for name, number in done:
        if name == "grow":
            scroll.extend(scroll.first, scroll.end + number)
        elif name == "forget":
            scroll.extend(min(scroll.first + number, scroll.end), scroll.end)
        elif name in {"hold", "follow"}:
            getattr(scroll, name)()
        else:
            getattr(scroll, name)(number)
        assert scroll.first <= scroll.top <= max(scroll.end, scroll.first)
        assert scroll.unseen >= 0
        if scroll.selected is not None:
            assert scroll.first <= scroll.selected <= scroll.end
            assert not scroll.following


def test_what_is_selected_stays_so_in_another_height() -> None:
    """And in view, also when there is room for all lines up to the newest."""
    scroll = scroll_of(30)
    scroll.move(-1)
    scroll.resize(6)
    assert (scroll.selected, scroll.top) == (29, 24)
    scroll.resize(10)
    assert (scroll.selected, scroll.top, scroll.following) == (29, 20, False)
