"""What is promised of ``a``, done as a person does it: a terminal, a microphone, and a noisy room.

The suggestion is read from the screen and taken with enter; what the endpoint said from then on is
compared with what was played, period by period; then it is asked for again.
"""

import re
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from support.sources.noisy_room import Noise, Room, noisy_room
from support.sources.recordings import audio_of, only
from support.sources.sounds import write_wav
from support.sources.virtual_mics import VirtualMics
from support.terminals.terminal import Terminal, terminal

from deeptone_tui.dsp import Samples
from deeptone_tui.protocol import SAMPLE_RATE_HZ, STEP_SAMPLES
from deeptone_tui.protocol.units import to_dbfs
from deeptone_tui.recording.reading import Recording, open_recording
from deeptone_tui.recording.results import RecordedResult

_SUGGESTED: Final = re.compile(r"suggested +(0\.\d+) +([-−]\d+\.\d) dBFS")
_LEADING: Final = 1.0
"""Seconds of the room after those that are listened to, for what is under way."""
_MATCHED: Final = 10 * SAMPLE_RATE_HZ
"""Samples of what was played that are looked for in the recording."""


@dataclass(frozen=True, slots=True)
class Compared:
    """What the endpoint said at a threshold, beside what was played; counted in periods."""

    pauses: int = 0
    """Without a sample of speech."""
    silent: int = 0
    """Pauses that are silence."""
    sentences: int = 0
    """Of which at least half is speech."""
    kept: int = 0
    """Sentences that are not silence."""
    between: int = 0
    """With less; they are not judged."""
    damaged: int = 0
    """Samples in all of these that are not those that were played: lost on the way, or late."""
    wrong: tuple[str, ...] = ()
    """The periods that are not what they should be, in words."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """How it went."""

    threshold: float
    """That was suggested first, and taken; from 0 to 1."""
    again: float
    """That was suggested in the end."""
    panels: tuple[str, str]
    """What the program said with each suggestion."""
    periods: Compared

    @property
    def apart_db(self) -> float:
        """By how many dB the second suggestion is higher."""
        return float(20 * np.log10(self.again / self.threshold))


def take_suggestion(
    mics: VirtualMics, noise: Noise, before: float, after: float, seed: int = 1
) -> Outcome:
    """Listen, take what ``a`` suggests, listen on, and ask again.

    Args:
        mics: running; ``room`` is used.
        noise: of the room.
        before: seconds after which the threshold is asked for, of real time.
        after: seconds that are judged.
        seed: of the room.
    """
    room = noisy_room(noise, before + after + 30.0, seed)
    with tempfile.TemporaryDirectory(prefix="suggestion-") as name:
        folder = Path(name)
        sound = write_wav(folder / "room.wav", room.played)
        recordings = folder / "recordings"
        command = [sys.executable, "-m", "deeptone_tui", "--device", "room"]
        command += ["--record", str(recordings)]
        folders = {f"XDG_{kind}_HOME": name for kind in ("CONFIG", "STATE", "CACHE", "DATA")}
        env = {**mics.env, **folders, "DEEPTONE_URL": "", "DEEPTONE_API_KEY": ""}
        with terminal(command, columns=100, rows=30, env=env) as session:
            session.wait_for("STREAMING", 60)
            player = mics.play(sound, "room")
            try:
                first, again, panels = _ask_twice(session, before, after)
            finally:
                player.kill()
                player.wait()
            _quit(session)
        recording = open_recording(only(recordings))
        judged = _compared(room, recording, first)
        recording.close()
    return Outcome(first, again, panels, judged)


def _ask_twice(
    session: Terminal, before: float, after: float
) -> tuple[float, float, tuple[str, str]]:
    """The two thresholds, and the panels in which they stood."""
    session.pump(before)
    first, told = _ask(session)
    session.send("\r")
    session.wait_until(lambda: "suggested" not in session.text)
    session.pump(after + _LEADING)
    again, told_again = _ask(session)
    session.send("\x1b")
    session.wait_until(lambda: "suggested" not in session.text)
    return first, again, (told, told_again)


def _ask(session: Terminal) -> tuple[float, str]:
    """What ``a`` suggests, as it stands on the screen."""
    session.send("a")
    session.wait_until(lambda: _SUGGESTED.search(session.text) is not None)
    session.pump(0.2)
    found = _SUGGESTED.search(session.text)
    assert found is not None
    lines = session.text.splitlines()
    row = next(number for number, line in enumerate(lines) if _SUGGESTED.search(line))
    return float(found[1]), "\n".join(lines[row : row + 8])


def _quit(session: Terminal) -> None:
    """Leave without keeping the threshold: the first q offers that."""
    session.send("q")
    session.pump(1.0)
    if session.alive():
        session.send("q")
    assert session.wait_for_exit(30) == 0


def _compared(room: Room, recording: Recording, threshold: float) -> Compared:
    """Judge each period that was answered at a threshold by what was played in it."""
    (piece,) = recording.pieces
    audio = audio_of(recording.folder)
    began = piece.start + _place(room.played, audio)
    total = Compared()
    for number in range(len(recording.results)):
        result = recording.results.read(number)
        if result is None or result.parameters.volume_threshold != threshold:
            continue
        played = slice(result.sample - began, result.end - began)
        within = played.start >= 0 and played.stop <= len(room.played)
        if not within or result.end > piece.start + piece.samples:
            continue
        heard = audio[result.sample - piece.start : result.end - piece.start]
        damaged = int((heard != room.played[played]).sum())
        total = _counted(total, result, float(room.spoken[played].mean()), heard, damaged)
    return total


def _place(played: Samples, audio: Samples) -> int:
    """At which sample of the recording the playing began, by their cross-correlation."""
    part = played[:_MATCHED].astype(np.float64)
    size = 1 << (len(audio) + len(part)).bit_length()
    heard = np.fft.rfft(audio.astype(np.float64), size)
    return int(np.fft.irfft(heard * np.fft.rfft(part, size).conj(), size)[: len(audio)].argmax())


def _counted(
    total: Compared, result: RecordedResult, spoken: float, heard: Samples, damaged: int
) -> Compared:
    """One period more."""
    silent = all(answer.result == "silence" for answer in result.step.answers.values())
    pause, sentence = not spoken, spoken >= 0.5
    wrong = (pause and not silent) or (sentence and silent)
    said = ", ".join(str(answer.result) for answer in result.step.answers.values())
    steps = (heard.astype(np.float64) / 32_768).reshape(-1, STEP_SAMPLES)
    loudest = float(np.sqrt((steps**2).mean(axis=1)).max())
    kind = "pause" if pause else "sentence"
    words = f"{kind} is {said}, its loudest step {to_dbfs(loudest):.1f} dBFS"
    return Compared(
        total.pauses + pause,
        total.silent + (pause and silent),
        total.sentences + sentence,
        total.kept + (sentence and not silent),
        total.between + (not pause and not sentence),
        total.damaged + damaged,
        (*total.wrong, words) if wrong else total.wrong,
    )
