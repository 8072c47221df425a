"""A sound system that takes calls and never comes back from them."""

import contextlib
import importlib
import os
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import NoReturn

import pytest
from support.sources.fake_portaudio import FakeDevice, FakeLibrary

from deeptone_tui.audio import (
    SoundSystemSilent,
    input_devices,
    known_input_devices,
    look_for_input_devices,
    portaudio,
    probe,
)
from deeptone_tui.audio.microphone import Microphone
from deeptone_tui.audio.portaudio import PortAudio
from deeptone_tui.audio.source import SourceError
from deeptone_tui.core.blocking import CALL, calls_under_way

HANGING = 10.0
"""Seconds after which it comes back all the same, should a test fail."""


@pytest.fixture
def back() -> Iterator[threading.Event]:
    """Set when the sound system comes back to life; no call is left under way."""
    event = threading.Event()
    yield event
    event.set()
    for thread in threading.enumerate():
        if thread.name == CALL:
            thread.join(HANGING)
    assert not calls_under_way()


@pytest.fixture
def hanging(back: threading.Event, monkeypatch: pytest.MonkeyPatch) -> threading.Event:
    """A PortAudio that hangs in its own start."""

    def load(_name: str) -> NoReturn:
        back.wait(HANGING)
        raise OSError

    monkeypatch.setattr(importlib, "import_module", load)
    monkeypatch.setattr(portaudio, "LOCK_TIMEOUT_S", 0.05)
    portaudio._load.cache_clear()
    return back


@pytest.mark.usefixtures("hanging")
def test_looking_for_devices_ends_by_itself() -> None:
    """Also a second time, while the first call hangs still; what is not known is no empty list."""
    for look in (input_devices, input_devices):
        with pytest.raises(SoundSystemSilent, match="the sound system does not answer"):
            look(0.1)
    with pytest.raises(SoundSystemSilent):
        known_input_devices()
    assert calls_under_way()


@pytest.mark.usefixtures("hanging")
async def test_looking_for_devices_holds_up_no_screen(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same in an event loop."""
    monkeypatch.setattr(probe, "_SCAN_TIMEOUT_S", 0.1)
    with pytest.raises(SoundSystemSilent):
        await look_for_input_devices()


@pytest.mark.usefixtures("hanging")
async def test_a_microphone_says_what_it_waits_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """And is closed at once, open or not."""
    monkeypatch.setattr("deeptone_tui.audio.microphone._OPEN_TIMEOUT_S", 0.01)
    microphone = Microphone("Desk")
    with pytest.raises(SourceError, match=r"Desk has not .* the sound system does not answer"):
        await microphone.open()
    await microphone.close()


def test_a_device_that_hangs_at_opening_is_no_reason_to_wait_for_the_others(
    back: threading.Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every other call says so, after the time that one may take."""
    monkeypatch.setattr("deeptone_tui.audio.portaudio.LOCK_TIMEOUT_S", 0.05)
    began, fake = threading.Event(), FakeLibrary(FakeDevice())

    def hang(**_: object) -> NoReturn:
        began.set()
        back.wait(HANGING)
        raise fake.PortAudioError("Error opening RawInputStream")

    fake.RawInputStream = hang
    library = PortAudio(fake)

    def open_it() -> None:
        with contextlib.suppress(SourceError):
            library.open_input("", 1, lambda *_: None, lambda: None)

    opening = threading.Thread(target=open_it, daemon=True)
    opening.start()
    monkeypatch.setattr(portaudio, "portaudio", lambda: library)
    assert began.wait(HANGING)
    with pytest.raises(SoundSystemSilent):
        input_devices()
    back.set()
    opening.join(HANGING)


@pytest.mark.skipif(sys.platform != "linux", reason="JACK's database is elsewhere")
def test_a_lock_of_a_killed_program_is_named(tmp_path: Path) -> None:
    """Not where a server of JACK runs, which needs its database, nor where there is none."""
    assert str(SoundSystemSilent(tmp_path)).endswith("answer; restart its sound server")
    database = tmp_path / f"jack_db-{os.getuid()}"
    database.mkdir()
    assert f"server, or remove {database}, which" in str(SoundSystemSilent(tmp_path))
    (tmp_path / f"jack_default_{os.getuid()}_0").touch()
    assert str(SoundSystemSilent(tmp_path)).endswith("answer; restart its sound server")
