"""A real microphone path: PulseAudio's virtual devices through ALSA and PortAudio."""

import time
from pathlib import Path

import numpy as np
import pytest
from support.sources.recorder import Recorder
from support.sources.sounds import found_in, noise, sine, write_wav
from support.sources.virtual_mics import PROGRAMS, VirtualMics

pytestmark = pytest.mark.system(*PROGRAMS)


def captured(recorder: Recorder) -> np.ndarray[tuple[int], np.dtype[np.int16]]:
    """What the program wrote down; close the device first."""
    return np.fromfile(recorder.raw, dtype="<i2")


def play_and_close(mics: VirtualMics, recorder: Recorder, path: Path, mic: str) -> None:
    """Play a file to its end into an open microphone and close it."""
    assert mics.play(path, mic).wait(20) == 0
    time.sleep(0.3)  # what was played is still on its way
    recorder.ask("close", "closed")


def test_what_is_captured_is_what_was_played(
    mics: VirtualMics, recorder: Recorder, tmp_path: Path
) -> None:
    """A 16 kHz device is captured bit for bit."""
    played = noise(16_000)
    opened = recorder.open("room")
    assert opened == {"event": "opened", "name": "room", "detail": "ALSA", "rate": 16_000}
    play_and_close(mics, recorder, write_wav(tmp_path / "noise.wav", played), "room")
    assert np.array_equal(found_in(captured(recorder), played), played)


def test_a_device_at_48_khz_is_heard_at_16(
    mics: VirtualMics, recorder: Recorder, tmp_path: Path
) -> None:
    """What a device with another rate hears comes as the same sound at 16 kHz."""
    recorder.open("desk")
    path = write_wav(tmp_path / "sine.wav", sine(1.5, rate=48_000, peak=0.25), rate=48_000)
    play_and_close(mics, recorder, path, "desk")
    heard = captured(recorder).astype(np.float64)
    begin = int(np.flatnonzero(np.abs(heard) > 1000)[0]) + 1600
    middle = heard[begin : begin + 16_000]
    spectrum = np.abs(np.fft.rfft(middle * np.hanning(16_000)))
    assert abs(int(np.argmax(spectrum)) - 440) <= 1
    assert np.sqrt(np.mean(middle**2)) / 32_768 == pytest.approx(0.25 / np.sqrt(2), rel=0.02)


def test_an_unplugged_device_is_lost_and_comes_back(
    mics: VirtualMics, recorder: Recorder, tmp_path: Path
) -> None:
    """The loss is told in words, opening fails while it is away, and works by name afterwards."""
    recorder.open("room")
    mics.unplug("room")
    try:
        message = recorder.expect("lost")["message"]
        assert "pa_linux_alsa.c" in recorder.log.read_text()  # and not on the screen
        assert message.startswith("room was lost")
        assert "\n" not in message
        recorder.ask("close", "closed")
        assert "room does not answer" in recorder.ask("open room", "failed")["message"]
    finally:
        mics.replug("room")
    recorder.open("room")
    before = recorder.ask("count", "counted")["samples"]
    played = noise(8_000, seed=3)
    play_and_close(mics, recorder, write_wav(tmp_path / "again.wav", played), "room")
    assert np.array_equal(found_in(captured(recorder)[before:], played), played)


def test_a_stalled_device_yields_nothing_and_closes_at_once(
    mics: VirtualMics, recorder: Recorder
) -> None:
    """A device that is there without data is no error, and does not hold up closing."""
    recorder.open("desk")
    mics.suspend("desk")
    try:
        time.sleep(0.3)
        before = recorder.ask("count", "counted")["samples"]
        time.sleep(1.2)  # longer than the time after which PortAudio is asked whether it lives
        assert recorder.ask("count", "counted")["samples"] == before
        assert recorder.quiet
        # PortAudio's stop() would wait for ever here; the bound only tells the two apart.
        assert recorder.ask("close", "closed")["seconds"] < 2
    finally:
        mics.suspend("desk", False)


def test_the_default_device_needs_no_name(
    mics: VirtualMics, recorder: Recorder, tmp_path: Path
) -> None:
    """Without a name, what the system calls default is captured."""
    assert recorder.ask("open", "opened")["name"] == "default"
    recorder.expect("heard")
    path = write_wav(tmp_path / "sine.wav", sine(0.5, rate=48_000), rate=48_000)
    assert mics.play(path).wait(20) == 0
    time.sleep(0.3)
    recorder.ask("close", "closed")
    assert np.abs(captured(recorder)).max() > 10_000


def test_a_wrong_name_is_answered_with_the_right_ones(recorder: Recorder) -> None:
    """The error names the nearest device and those there are."""
    message = recorder.ask("open rom", "failed")["message"]
    assert "“rom”" in message
    assert "did you mean “room”?" in message
    assert "desk" in message


def test_devices_are_listed_anew_with_and_without_a_capture(
    mics: VirtualMics, recorder: Recorder
) -> None:
    """A device that appears later is found, and looking for it does not end a capture."""
    assert set(recorder.ask("devices", "devices")["names"]) >= {"desk", "room", "default"}
    mics.name("late", "desk")
    time.sleep(0.6)  # a list younger than half a second counts as new
    assert "late" in recorder.ask("devices", "devices")["names"]
    recorder.open("late")
    mics.name("later", "room")
    assert "later" in recorder.ask("devices", "devices")["names"]
    before = recorder.ask("count", "counted")["samples"]
    time.sleep(0.3)
    assert recorder.ask("count", "counted")["samples"] > before
    recorder.ask("close", "closed")
    recorder.open("later")
    recorder.ask("close", "closed")


def test_two_devices_are_probed_at_once(
    mics: VirtualMics, recorder: Recorder, tmp_path: Path
) -> None:
    """The picker's levels come side by side: one loud, one silent."""
    player = mics.play(write_wav(tmp_path / "sine.wav", sine(4.0, peak=0.5)), "room")
    time.sleep(0.5)
    loud, silent = recorder.ask("level room desk", "levels")["levels"]
    player.kill()
    player.wait()
    assert loud == pytest.approx(0.5 / np.sqrt(2), rel=0.05)
    assert silent == 0.0


def test_a_stalled_device_has_no_level(mics: VirtualMics, recorder: Recorder) -> None:
    """A probe that hears nothing says so instead of waiting."""
    mics.suspend("desk")
    try:
        assert "desk gives no audio" in recorder.ask("level desk", "failed")["message"]
    finally:
        mics.suspend("desk", False)


def test_a_sound_server_that_dies_and_comes_back(mics: VirtualMics, recorder: Recorder) -> None:
    """Its devices are lost and gone, then found again by the same process."""
    recorder.open("room")
    mics.stop()
    assert "was lost" in recorder.expect("lost")["message"]
    recorder.ask("close", "closed")
    assert "no input device" in recorder.ask("open room", "failed")["message"]
    mics.start()
    recorder.open("room")
    recorder.ask("close", "closed")
