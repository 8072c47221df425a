"""A newcomer's way: start, be helped to a threshold, take out a line and a profile, use both."""

import base64
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest
from support.endpoints.serving_process import PATIENCE, Serving
from support.programs.program import PROGRAM
from support.programs.shell_line import shell_line
from support.sources.talk import Sentence, Stretch, stretches, write_room, write_talk
from support.sources.virtual_mics import PROGRAMS, VirtualMics
from support.terminals.terminal import Terminal, terminal

PERIOD, STEP = 1.024, 0.064
"""Seconds."""
QUIET = 2.5
ROOM_DBFS = -58.0
TALK = (
    Sentence("woman", 0.5, 3.2, dbfs=-38.0, pause=3.2),
    Sentence("man", 0.2, 4.2, dbfs=-26.0, pause=2.8),
)

pytestmark = [
    pytest.mark.realtime,
    pytest.mark.long,
    pytest.mark.system("bash", "sox", *PROGRAMS),
]


class Result(NamedTuple):
    """What the line printed of a period."""

    start: float
    """Seconds since it began to listen."""
    said: str


def test_a_newcomer_gets_a_line_that_tells_sentences_from_pauses(
    mics: VirtualMics, server: Serving, tmp_path: Path
) -> None:
    """From a room at −58 dBFS and speech at −38 and −26 dBFS, by keys at 80 by 24, to the results.

    The way is that of ``g``; ``a`` leads to the same panel.
    """
    env = {**mics.env, **{f"XDG_{name}_HOME": str(tmp_path) for name in ("CONFIG", "STATE")}}
    command = [*PROGRAM, "--device", "room"]
    with (
        in_the_room(mics, tmp_path),
        terminal([*command, "--url", server.stream], env=env) as session,
    ):
        session.wait_for("STREAMING")
        be_guided(session, mics, tmp_path)
        session.wait_for("enter applies")
        threshold = proposed(session)
        assert ROOM_DBFS < threshold < -38.0
        session.send("\r")
        shown = as_dbfs(threshold)
        session.wait_until(lambda: session.text.count(shown) > 1 and "✓ applied" in session.text)
        session.send("x")
        session.wait_for("AUDIODEV=room")
        session.send("c")
        session.wait_for("clipboard")
        line = (tmp_path / "deeptone-tui" / "copied.txt").read_text().rstrip("\n")
        assert squeezed(line) in squeezed(session.text), "what is shown is what is copied"
        assert base64.b64encode(line.encode()) in session.output
        assert f"Threshold {as_level(line)}  {as_dbfs(threshold)}" in session.text
        session.send("p")
        session.wait_for("Write a profile")
        session.send("\r")
        session.wait_for("Profile room written")
        session.send("\x1b")
        session.wait_until(lambda: "Export the tuned" not in session.text)
        session.leave()
    with in_the_room(mics, tmp_path):
        results = heard(line, mics, tmp_path)
    assert matches(results, stretches(TALK, QUIET)), results
    with terminal(command, env=env) as session:
        session.wait_for("profile room loaded for room")
        session.wait_for(shown)
        session.wait_until(lambda: f"127.0.0.1:{server.port}" in session.text.splitlines()[0])
        session.leave()


def be_guided(session: Terminal, mics: VirtualMics, folder: Path) -> None:
    """Press ``g``, and do what is asked: be quiet, then say one sentence."""
    sentence = write_talk(folder / "sentence.wav", TALK[1:2], 0.1)
    session.send("g")
    session.wait_for("Be quiet for two seconds.")
    session.wait_for("Now say one sentence")
    assert mics.play(sentence, "room").wait(PATIENCE) == 0


def proposed(session: Terminal) -> float:
    """The suggested threshold in dBFS, as it is shown, with its costs in their units."""
    found = re.search(r"△ suggested 0\.\d{4,}  −(\d+\.\d) dBFS   confidence \d+ %", session.text)
    assert found is not None, session.text
    assert "enter applies" in session.text
    return -float(found[1])


def as_dbfs(value: float) -> str:
    """Decibels as the screen writes them."""
    return f"{value:.1f} dBFS".replace("-", "−")


def as_level(line: str) -> str:
    """The threshold of the line as the screen writes it."""
    found = re.search(r"volume_threshold=([0-9.]+)", line)
    assert found is not None, line
    return found[1]


def squeezed(text: str) -> str:
    """The signs alone, without what frames and separates them."""
    return re.sub(r"[\s│█▁▂▃▄▅▆▇▔▕▏▎▊]", "", text)


@contextmanager
def in_the_room(mics: VirtualMics, folder: Path) -> Iterator[None]:
    """The noise of the room, for as long as it takes."""
    noise = mics.play(write_room(folder / "room.wav", 180, ROOM_DBFS), "room")
    try:
        yield
    finally:
        noise.kill()
        noise.wait(PATIENCE)


def heard(line: str, mics: VirtualMics, folder: Path) -> list[Result]:
    """What the line prints while the talk is said once more."""
    talk = write_talk(folder / "talk.wav", TALK, QUIET)
    with shell_line(line, mics.env) as (printed, _):
        assert json.loads(printed.readline())["message_type"] == "connection"
        results = [result_of(printed.readline())]
        playing = mics.play(talk, "room")
        while playing.poll() is None:
            results.append(result_of(printed.readline()))
        results += [result_of(printed.readline()) for _ in range(3)]
    return results


def result_of(line: str) -> Result:
    """A line that was printed."""
    channel = json.loads(line)["results"]["channels"]["0"]
    return Result(channel["timestamp"] / 1000, channel["results"]["speech-rt"]["result"])


def matches(results: list[Result], expected: list[Stretch]) -> bool:
    """Whether there is a moment at which the talk may have begun, so that all is as expected.

    Every sentence and every pause has to hold a whole period, and all that it holds have to be
    what it is. Their lengths differ, so that they fit at one place only.
    """
    return any(
        all(
            said and all(each == stretch.expected for each in said)
            for stretch, said in ((each, within(results, each, begun)) for each in expected)
        )
        for begun in np.arange(0.0, results[-1].start, STEP)
    )


def within(results: list[Result], stretch: Stretch, begun: float) -> list[str]:
    """What was said of the periods that lie wholly in a stretch."""
    start, end = stretch.start + begun, stretch.end + begun
    return [each.said for each in results if start <= each.start and each.start + PERIOD <= end]
