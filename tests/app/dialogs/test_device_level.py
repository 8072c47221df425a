"""The words and bars of the device picker."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.style import Style

from deeptone_tui.app.screens.device_picker import without_devices
from deeptone_tui.app.screens.device_table import (
    DeviceReading,
    Widths,
    bar,
    current_row,
    failed,
    level_cell,
    turns,
)
from deeptone_tui.audio import InputDevice, SourceError
from deeptone_tui.audio.devices import in_words, with_choices
from deeptone_tui.protocol.units import from_dbfs


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (("Device unavailable", -9985), "busy"),
        (("Unanticipated host error", -9999, (8, -16, "busy")), "busy"),
        (("Unanticipated host error", -9999, (8, -13, "denied")), "denied"),
        (("Unanticipated host error", -9999, (8, -19, "no device")), "gone"),
        (("Invalid device", -9996), "gone"),
        (("Insufficient memory", -9992), "failed"),
    ],
)
def test_every_refusal_of_portaudio_comes_to_a_word(
    arguments: tuple[object, ...], word: str
) -> None:
    """The word for the table, and the whole line for who asks."""
    line = in_words(Exception(*arguments), "Desk")
    assert failed(SourceError(line)) == DeviceReading(word=word, message=line)


@pytest.mark.parametrize(
    ("line", "word"),
    [
        ("Desk gives no audio; switch it on or choose another", "no audio"),
        ("Desk has not answered for 3 s; unplug it and plug it in again", "no answer"),
        ("Desk was lost: unplugged, or its sound server has ended", "gone"),
        ("there is no input device “Desk”. There are: pulse", "unheard"),
    ],
)
def test_every_other_failure_comes_to_a_word(line: str, word: str) -> None:
    """A device plugged in beside a running capture is unheard, not gone."""
    assert failed(SourceError(line)).word == word


@pytest.mark.parametrize(
    ("dbfs", "drawn"), [(-60, "    "), (-61, "    "), (-52.5, "▌   "), (-30, "██  "), (0, "████")]
)
def test_the_bar_is_linear_in_decibels(dbfs: float, drawn: str) -> None:
    """From −60 dBFS, where it is empty, to full scale."""
    assert bar(from_dbfs(dbfs), 4) == drawn


@given(level=st.just(0.0) | st.floats(9e-7, 1), width=st.integers(9, 40))
def test_a_level_fills_its_cell_exactly(level: float, width: int) -> None:
    """Bars and numbers stand under each other for every level that 16-bit audio can have."""
    cell = level_cell(DeviceReading(level), width, Style())
    assert len(cell.plain) == width or cell.plain == "muted"


@given(st.floats(0, 1), st.floats(0, 1))
def test_a_louder_level_has_no_shorter_bar(one: float, other: float) -> None:
    """The bar never misleads about which device is louder."""
    quiet, loud = sorted((one, other))
    assert " ▏▎▍▌▋▊▉█".index(bar(quiet, 1)) <= " ▏▎▍▌▋▊▉█".index(bar(loud, 1))


def test_a_level_of_zero_is_called_muted() -> None:
    """Digital zero is no quiet room; and a refusal is a word in the same place."""
    assert level_cell(DeviceReading(0.0), 17, Style()).plain == "muted"
    assert level_cell(DeviceReading(word="busy"), 17, Style()).plain == "busy"
    assert level_cell(DeviceReading(0.005), 17, Style()).plain.endswith(" −46.0")


def test_every_second_turn_is_the_highlighted_ones() -> None:
    """All others have their turn in between, and the cursor may move at any time."""
    cursor = iter([0, 0, 3, 3, -1, 99])
    rows = list(itertools.islice(turns(4, lambda: next(cursor)), 12))
    assert rows == [0, 1, 0, 2, 3, 3, 3, 0, 0, 1, 3, 2]
    assert list(itertools.islice(turns(1, lambda: 0), 3)) == [0, 0, 0]


@given(st.integers(54, 200))
def test_the_columns_fill_the_table(total: int) -> None:
    """Nothing is lost and nothing has to be scrolled, from 60 columns of terminal on."""
    widths = Widths.within(total)
    columns = (
        widths.mark + widths.name + widths.host_api + widths.channels + widths.rate + widths.level
    )
    assert columns + 12 == total
    assert widths.name >= 10


def test_the_current_device_is_found_by_choice_then_by_name() -> None:
    """Two devices of one name are told apart."""
    devices = with_choices(
        [InputDevice("Mic", "ALSA", 1, 16000), InputDevice("Mic", "JACK", 1, 16000)]
    )
    assert current_row(devices, "Mic, JACK") == 1
    assert current_row(devices, "Mic") == 0
    assert current_row(devices, "Desk") is None
    assert current_row([], "") is None


def test_over_ssh_the_recipe_names_this_host() -> None:
    """The microphone is at the other end of the link: two commands there, one address here."""
    ssh = {"SSH_CONNECTION": "192.0.2.9 50222 192.0.2.5 22", "USER": "kiosk"}
    text = without_devices("no input device was found", ssh)
    assert "ssh -N -R 4711:localhost:4711 kiosk@192.0.2.5" in text
    assert "tcp://localhost:4711" in text
    assert text.startswith("No input device was found")


@pytest.mark.parametrize("environ", [{}, {"SSH_CONNECTION": ""}, {"SSH_CONNECTION": "odd"}])
def test_at_the_machine_the_other_sources_are_named(environ: dict[str, str]) -> None:
    """Missing microphones keep nobody from the rest."""
    text = without_devices("microphones need PortAudio", environ)
    assert "ssh" not in text
    assert "demo" in text
