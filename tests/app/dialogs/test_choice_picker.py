"""Choosing one or many from a list."""

import pytest
from support.screens.dialog_host import Asked
from textual.widgets import OptionList, Static

from deeptone_tui.app.screens.choice_picker import ChoicePicker, PickerItem
from deeptone_tui.app.screens.dialog import RadioList

CHOICES = [
    PickerItem("a", "first", "what it is"),
    PickerItem("b", "second", "x" * 60),
    PickerItem("c", "third", enabled=False),
    PickerItem("d", "fourth"),
]


def lines(app: Asked) -> list[str]:
    """The list as it is written."""
    listed = app.screen.query_one(OptionList)
    return [str(listed.get_option_at_index(i).prompt) for i in range(listed.option_count)]


async def test_enter_takes_the_highlighted_one() -> None:
    """It begins at the one that is chosen now, and passes over what cannot be chosen."""
    app = Asked(lambda: ChoicePicker("Which?", CHOICES, selected=("b",)))
    async with app.run_test() as pilot:
        await pilot.press("down", "enter")
        await pilot.pause()
    assert app.answers == [("d",)]


async def test_a_click_takes_one() -> None:
    """The mouse needs no key besides."""
    app = Asked(lambda: ChoicePicker("Which?", CHOICES))
    async with app.run_test() as pilot:
        await pilot.click(OptionList, offset=(3, 1))
        await pilot.pause()
    assert app.answers == [("b",)]


async def test_many_are_marked_and_answered_in_order() -> None:
    """Space and click mark and unmark; marks are characters, not colours."""
    app = Asked(lambda: ChoicePicker("Which?", CHOICES, many=True, selected=("d", "gone")))
    async with app.run_test() as pilot:
        assert [line[:3] for line in lines(app)] == ["[ ]", "[ ]", "[ ]", "[x]"]
        await pilot.press("home", "space", "down", "space", "space")
        await pilot.click(OptionList, offset=(3, 3))
        await pilot.click(OptionList, offset=(3, 3))
        await pilot.pause()
        assert [line[:3] for line in lines(app)] == ["[x]", "[ ]", "[ ]", "[x]"]
        await pilot.press("enter")
        await pilot.pause()
    assert app.answers == [("a", "d")]


async def test_none_of_many_is_no_answer() -> None:
    """The dialog says so, and takes it back when one is marked."""
    app = Asked(lambda: ChoicePicker("Which?", CHOICES, many=True))
    async with app.run_test() as pilot:
        await pilot.press("enter")
        assert app.problem == "✗ Mark at least one."
        await pilot.press("space")
        assert app.problem == ""
        assert app.answers == []


async def test_a_long_detail_is_shown_whole() -> None:
    """The highlighted line's detail stands below the list, where it has room."""
    app = Asked(lambda: ChoicePicker("Which?", CHOICES))
    async with app.run_test(size=(60, 20)) as pilot:
        await pilot.press("down")
        await pilot.pause()
        assert str(app.screen.query_one("#detail", Static).render()) == "x" * 60


async def test_an_empty_list_can_be_left() -> None:
    """Nothing to choose is no trap."""
    app: Asked = Asked(lambda: ChoicePicker("Which?", []))
    async with app.run_test() as pilot:
        await pilot.press("enter", "escape")
        await pilot.pause()
    assert app.answers == [None]


@pytest.mark.parametrize(("key", "chosen"), [("down", 1), ("up", 0)])
async def test_alternatives_are_chosen_by_moving(key: str, chosen: int) -> None:
    """Exactly one carries the mark, in writing."""

    class Either(ChoicePicker):
        def compose_body(self):  # type: ignore[no-untyped-def]  # as the class it stands in for  # noqa: ANN202
            yield RadioList(["one", "two"])
            yield from super().compose_body()

        def on_mount(self) -> None:
            self.query_one(RadioList).focus()

    app = Asked(lambda: Either("Which?", CHOICES))
    async with app.run_test() as pilot:
        await pilot.press(key) if chosen else await pilot.pause()
        radio = app.screen.query_one(RadioList)
        marks = [str(radio.get_option_at_index(i).prompt)[:3] for i in range(2)]
        assert radio.chosen == chosen
        assert marks == ["(*)" if i == chosen else "( )" for i in range(2)]


async def test_keys_that_come_at_once_keep_their_order() -> None:
    """Enter takes the line to which the arrow before it went."""
    app = Asked(lambda: ChoicePicker("Which?", CHOICES))
    async with app.run_test() as pilot:
        for key in ("down", "down", "enter"):
            app.simulate_key(key)
        await app.until_answered(pilot)
    assert app.answers == [("d",)]
