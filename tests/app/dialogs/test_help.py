"""The help: nothing in it is written twice."""

from typing import ClassVar

from support.screens.dialog_host import DialogApp
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.screen import Screen
from textual.widget import Widget
from textual.widgets import Input

from deeptone_tui.app.screens.help import NUMBERS, HelpScreen, HelpSection, sections_of


class Log(Widget, can_focus=True):
    """A part of the screen with keys of its own."""

    BINDING_GROUP_TITLE = "Results"
    BINDINGS: ClassVar[list[BindingType]] = [Binding("f", "filter", "Filter")]


class Main(Screen[None]):
    """A screen with keys of every kind."""

    BINDING_GROUP_TITLE = "Threshold"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left,h", "lower", "Lower", tooltip="Move the mark down by 0.5 dB"),
        Binding("x", "hidden", "Hidden in the footer", show=False),
        Binding("ctrl+t", "secret", "For the system", system=True),
        Binding("z", "nameless", show=False),
    ]

    def compose(self) -> ComposeResult:
        """A field with the focus, and a log without."""
        yield Input()
        yield Log()


class Helped(DialogApp):
    """An app with keys of its own."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("question_mark,f1", "help", "Help")]

    def get_default_screen(self) -> Screen[None]:
        """The screen with keys."""
        return Main(id="_default")


def rows(sections: list[HelpSection], title: str) -> dict[str, str]:
    """Keys and words of one section."""
    section = next(section for section in sections if section.title == title)
    return {row.keys: row.text for row in section.rows}


def written(app: Helped) -> str:
    """What stands on the screen."""
    lines = app.screen._compositor.render_strips()
    return "\n".join("".join(segment.text for segment in line) for line in lines)


async def test_help_is_made_from_the_bindings() -> None:
    """All keys of an action in one row; tooltips say more than names; hidden ones are listed."""
    app = Helped()
    async with app.run_test():
        sections = sections_of(app.screen)
    assert [section.title for section in sections] == [
        *("Threshold", "Results", "Program", "Everywhere")
    ]
    assert rows(sections, "Threshold") == {
        "←  h": "Move the mark down by 0.5 dB",
        "x": "Hidden in the footer",
    }
    assert rows(sections, "Program")["?  f1"] == "Help"


async def test_a_widget_without_the_focus_is_in_the_help_and_a_stock_one_is_not() -> None:
    """Its keys work once it has the focus; the dozens of a text field would drown them."""
    app = Helped()
    async with app.run_test():
        sections = sections_of(app.screen)
    assert rows(sections, "Results") == {"f": "Filter"}
    words = [row.text for section in sections for row in section.rows]
    assert not any("cursor" in word for word in words)


async def test_the_words_on_the_screen_are_explained() -> None:
    """All of them can be reached by scrolling on the smallest terminal."""
    app = Helped()
    async with app.run_test(size=(60, 20)) as pilot:
        app.push_screen(HelpScreen(sections_of(app.screen)))
        await pilot.pause()
        view = app.screen.query_one(VerticalScroll)
        await pilot.press("pagedown", "down")
        await pilot.pause()
        assert view.scroll_y == view.size.height
        await pilot.press("end")
        await pilot.pause()
        assert view.scroll_y == view.max_scroll_y > 0
        assert list(NUMBERS.values())[-1].split()[-1] in written(app)
        await pilot.press("home", "up")
        await pilot.pause()
        assert view.scroll_y == 0


async def test_the_keys_that_open_help_close_it_too() -> None:
    """And escape, and q, which quits nothing from here."""
    app = Helped()
    async with app.run_test() as pilot:
        for key in ("question_mark", "f1", "escape", "q"):
            app.push_screen(HelpScreen([]))
            await pilot.pause()
            await pilot.press(key)
            await pilot.pause()
            assert isinstance(app.screen, Main)
            assert app.is_running
