"""Devices by name: what to call them, and which one a name means."""

import contextlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deeptone_tui.audio import InputDevice, SourceError
from deeptone_tui.audio.devices import find_device, with_choices
from deeptone_tui.audio.probe import scan_in_child


def device(name: str, host_api: str = "ALSA", *, default: bool = False) -> InputDevice:
    """A device of which only the name matters."""
    return InputDevice(name, host_api, 1, 48_000, default)


USUAL = with_choices(
    [
        device("HDA Intel PCH: ALC287 (hw:0,0)"),
        device("USB Audio CODEC: - (hw:1,0)"),
        device("default", default=True),
    ]
)
TWINS = with_choices(
    [
        device("USB Mic", "MME"),
        device("Line In", "Windows WASAPI", default=True),
        device("USB Mic", "Windows WASAPI"),
        device("USB Mic", "Windows WASAPI"),
    ]
)


def test_names_that_are_not_unique_are_told_apart() -> None:
    """By host API first, then by number."""
    assert [known.choice for known in TWINS] == [
        "USB Mic, MME",
        "Line In",
        "USB Mic, Windows WASAPI #1",
        "USB Mic, Windows WASAPI #2",
    ]


@pytest.mark.parametrize(
    ("devices", "wanted", "index"),
    [
        (USUAL, "", 2),
        (USUAL, "default", 2),
        (USUAL, "USB Audio CODEC: - (hw:1,0)", 1),
        (USUAL, "usb audio codec: - (HW:1,0)", 1),
        (USUAL, "USB Audio CODEC: - (hw:3,0)", 1),  # the card's number has changed
        (USUAL, "codec", 1),
        (USUAL, "default, ALSA", 2),
        (TWINS, "USB Mic", 2),  # the host API of the default device
        (TWINS, "USB Mic, MME", 0),
        (TWINS, "USB Mic, Windows WASAPI #2", 3),
        (TWINS, "Line In, Windows WASAPI", 1),
        (USUAL[:2], "", 0),  # no default
    ],
)
def test_a_name_means_one_device(devices: list[InputDevice], wanted: str, index: int) -> None:
    """Exact first, then ever more generously."""
    assert find_device(devices, wanted) == index


@pytest.mark.parametrize(
    ("wanted", "words"),
    [
        ("HDA Intel PHC", "did you mean “HDA Intel PCH: ALC287 (hw:0,0)”?"),
        ("zzz", "there is no input device “zzz”. There are: HDA Intel"),
        ("hw:", "could be any of HDA Intel PCH: ALC287 (hw:0,0), USB Audio CODEC"),
    ],
)
def test_a_name_that_means_none_is_answered(wanted: str, words: str) -> None:
    """With the nearest, those there are, or those it could be."""
    with pytest.raises(SourceError) as failed:
        find_device(USUAL, wanted)
    assert words in str(failed.value)


def test_a_long_list_is_shortened() -> None:
    """An error stays one readable line."""
    many = with_choices([device(f"Mic {i}") for i in range(40)])
    with pytest.raises(SourceError, match="Mic 5 and 34 more"):
        find_device(many, "zzz")


@given(st.lists(st.tuples(st.sampled_from("AB"), st.sampled_from("XY")), min_size=1, max_size=8))
def test_every_device_can_be_named_by_its_choice(pairs: list[tuple[str, str]]) -> None:
    """Choices are unique, and each leads back to its own device."""
    devices = with_choices([device(name, api) for name, api in pairs])
    assert len({known.choice for known in devices}) == len(devices)
    assert [find_device(devices, known.choice) for known in devices] == list(range(len(devices)))


def test_a_file_in_the_working_directory_is_no_module_of_ours(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody who keeps a json.py of their own can still look for devices in a new process."""
    (tmp_path / "json.py").write_text("open('was_run', 'w').close()\n")
    monkeypatch.chdir(tmp_path)
    with contextlib.suppress(SourceError):  # a machine without PortAudio
        scan_in_child()
    assert not (tmp_path / "was_run").exists()
