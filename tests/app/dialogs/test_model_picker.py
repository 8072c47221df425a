"""Choosing models, and one of two alternatives."""

import pytest
from support.screens.dialog_host import Asked
from textual.widgets import OptionList, Static

from deeptone_tui.app.screens.dialog import RadioList
from deeptone_tui.app.screens.prompts import ModelPicker

MODELS = {"a": "what it is", "b": "x" * 60, "c": "", "d": "of all"}


def picker(*selected: str) -> ModelPicker:
    """The dialog, with these chosen."""
    return ModelPicker(MODELS, selected)


def lines(app: Asked) -> list[str]:
    """The list as it is written."""
    listed = app.screen.query_one(OptionList)
    return [str(listed.get_option_at_index(i).prompt) for i in range(listed.option_count)]


async def test_many_are_marked_and_answered_in_order() -> None:
    """It begins at the first chosen; space and click mark and unmark, in characters."""
    app = Asked(lambda: picker("d", "gone"))
    async with app.run_test() as pilot:
        assert [line[:3] for line in lines(app)] == ["[ ]", "[ ]", "[ ]", "[x]"]
        assert app.screen.query_one(OptionList).highlighted == 3
        await pilot.press("home", "space", "down", "space", "space")
        await pilot.click(OptionList, offset=(3, 3))
        await pilot.click(OptionList, offset=(3, 3))
        await pilot.pause()
        assert [line[:3] for line in lines(app)] == ["[x]", "[ ]", "[ ]", "[x]"]
        await pilot.press("enter")
        await pilot.pause()
    assert app.answers == [("a", "d")]


async def test_none_is_no_answer() -> None:
    """The dialog says so, and takes it back when one is marked."""
    app = Asked(picker)
    async with app.run_test() as pilot:
        await pilot.press("enter")
        assert app.problem == "✗ Select at least one."
        await pilot.press("space")
        assert app.problem == ""
        assert app.answers == []


async def test_a_long_description_is_shown_whole() -> None:
    """The highlighted line's stands below the list, where it has room."""
    app = Asked(picker)
    async with app.run_test(size=(60, 20)) as pilot:
        await pilot.press("down")
        await pilot.pause()
        assert str(app.screen.query_one("#detail", Static).render()) == "x" * 60


@pytest.mark.parametrize(("key", "chosen"), [("down", 1), ("up", 0)])
async def test_alternatives_are_chosen_by_moving(key: str, chosen: int) -> None:
    """Exactly one carries the mark, in writing."""

    class Either(ModelPicker):
        def compose_body(self):  # type: ignore[no-untyped-def]  # as the class it stands in for  # noqa: ANN202
            yield RadioList(["one", "two"])
            yield from super().compose_body()

        def on_mount(self) -> None:
            self.query_one(RadioList).focus()

    app = Asked(lambda: Either(MODELS, ()))
    async with app.run_test() as pilot:
        await pilot.press(key) if chosen else await pilot.pause()
        radio = app.screen.query_one(RadioList)
        marks = [str(radio.get_option_at_index(i).prompt)[:3] for i in range(2)]
        assert radio.chosen == chosen
        assert marks == ["(*)" if i == chosen else "( )" for i in range(2)]


async def test_keys_that_come_at_once_keep_their_order() -> None:
    """Enter and space take the line to which the arrow before them went."""
    app = Asked(picker)
    async with app.run_test() as pilot:
        for key in ("down", "down", "space", "enter"):
            app.simulate_key(key)
        await app.until_answered(pilot)
    assert app.answers == [("c",)]
