"""Tables on stdout."""

import pytest
from rich.cells import cell_len

from deeptone_tui.audio.devices import InputDevice, with_choices
from deeptone_tui.cli.devices import aligned, table

FAMILY = "👨\u200d👩\u200d👧"
NAMES = [
    *("USB", "日本語マイク", "e\u0301te\u0301", FAMILY, "❤\ufe0f", "👍🏽", "🇩🇪"),
    *("\u1100\u1161\u11a8", "क्षि", "ภาษาไทย", "½ﬀ", "a\u200bb", "soft\u00adhyphen", "한글.wav"),
]


@pytest.mark.parametrize("right", [False, True])
def test_columns_stay_where_they_are(right: bool) -> None:
    """Behind names of any script."""
    lines = aligned([(name, "1 ch", "|") for name in NAMES], right=right)
    assert {cell_len(line) for line in lines} == {max(map(cell_len, NAMES)) + 9}


def test_the_table_of_devices_stays_one() -> None:
    """A name with a newline or an escape sequence is one cell of one line."""
    names = [*NAMES, "two\nlines", "\x1b]52;c;aGVsbG8=\x07"]
    lines = table(with_choices([InputDevice(name, "ALSA", 1, 16_000) for name in names]))
    assert len(lines) == len(names)
    assert len({cell_len(line) for line in lines}) == 1
    assert all("\n" not in line and "\x1b" not in line for line in lines)
