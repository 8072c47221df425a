"""Names that somebody else gave, on the screen: of files, endpoints, classes, folders."""

from dataclasses import replace

import pytest
from rich.cells import cell_len
from rich.segment import Segment
from support.screens.app_states import app_of, playing, showing
from support.screens.notices import notices
from textual.color import Color
from textual.widgets import Static

from deeptone_tui.app.themed import Printable, Themed, fit
from deeptone_tui.core.redaction import redacted

STEERING = "\x1b]52;c;aGVsbG8=\x07\x9b31m\u202e"
WIDE = "日本語e\u0301 👨\u200d👩\u200d👧 한글.wav"


def lines_of(app: Themed) -> list[str]:
    """The screen as it is given to the driver."""
    return [strip.text for strip in app.screen._compositor.render_strips()]


@pytest.mark.parametrize("name", [STEERING, WIDE, f"{WIDE}{STEERING}\n" * 9])
@pytest.mark.parametrize("width", [60, 80, 160])
async def test_columns_stay_and_nothing_steers_the_terminal(name: str, width: int) -> None:
    """Wherever a name stands, each line is as wide as the screen, and ends as it always does."""
    player = playing()
    state = player.state
    player.change(
        source=replace(state.source, info=replace(state.source.info, name=name)),
        session=replace(state.session, label=name, message=name),
        notices=notices(f"it said {name}"),
    )
    app = app_of(player)
    async with showing(app, width):
        lines = lines_of(app)
        assert [cell_len(line) for line in lines] == [width] * 24
        assert lines[0].rstrip().endswith("lost 0 s")
        assert all(steered(line) == "" for line in lines)


async def test_what_is_notified_is_clean_and_keeps_secrets() -> None:
    """With a replacement that is seen; a widget of Textual's own is looked at last."""
    redacted.learn("a-long-secret")
    app = app_of(playing())
    async with app.run_test(size=(80, 24)) as pilot:
        app.notify(f"saved in /tmp/{STEERING} a-long-secret", markup=False)
        await app.screen.mount(Static(f"<{STEERING}>", markup=False, id="odd"))
        app.screen.query_one("#odd").styles.dock = "top"
        await pilot.pause()
        shown = "\n".join(lines_of(app))
        told = [each.message for each in app._notifications]
    assert told == ["saved in /tmp/�]52;c;aGVsbG8=��31m� ***"]
    assert "<]52;c;aGVsbG8=31m>" in shown
    assert steered(shown.replace("\n", "")) == ""


def test_what_is_drawn_keeps_its_width() -> None:
    """The widget has counted the cells already."""
    text = f"a{STEERING}日\tb"
    assert cell_len(fit(text)) == cell_len(text)
    filtered = Printable().apply([Segment(text), Segment("plain")], Color(0, 0, 0))
    assert steered("".join(segment.text for segment in filtered)) == ""


def steered(text: str) -> str:
    """What of a text a terminal would act upon."""
    return "".join(sign for sign in text if sign in STEERING and not sign.isprintable())
