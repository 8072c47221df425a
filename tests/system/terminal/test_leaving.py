"""Quitting in a terminal: what was tuned is offered to be saved, once, and told in any case."""

import os
import re
import signal
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from support.terminals.terminal import Terminal, after_the_screen, terminal

from deeptone_tui.settings.config import load_configuration

PROGRAM = [sys.executable, "-m", "deeptone_tui"]
RIGHT, ENTER, ESCAPE = "\x1b[C", "\r", "\x1b"
OFFER = "0.005623  −45.0 dBFS not saved"
TUNED = "threshold 0.005623  −45.0 dBFS"

pytestmark = pytest.mark.realtime


@pytest.fixture
def home(tmp_path: Path) -> Mapping[str, str]:
    """An environment without configuration, state or keys of the person at the machine."""
    folders = {f"XDG_{name}_HOME": str(tmp_path) for name in ("CONFIG", "STATE", "CACHE", "DATA")}
    return {**folders, "DEEPTONE_URL": "", "DEEPTONE_API_KEY": ""}


@pytest.fixture
def tuned(home: Mapping[str, str]) -> Iterator[Terminal]:
    """The monitor on the demo, with the threshold at −45 dBFS and applied."""
    with terminal([*PROGRAM, "demo"], env=home) as session:
        session.wait_for("STREAMING", 60)
        session.wait_until(lambda: re.search(r"00:00:0\d\.\d .*silence", session.text) is not None)
        session.send(RIGHT * 2)
        session.wait_for("not applied")
        session.send(ENTER)
        session.wait_for("✓ applied")
        yield session


def words_of(session: Terminal) -> list[str]:
    """The lines that stand on the terminal when the screen has closed."""
    return after_the_screen(session).decode().replace("\r", "").splitlines()


def test_q_offers_once_and_a_second_q_leaves(tuned: Terminal, tmp_path: Path) -> None:
    """Nothing is written; the last lines say so, and how to come back to it."""
    tuned.send("q")
    tuned.wait_for(OFFER)
    assert "q quits" in tuned.text.splitlines()[-1]
    tuned.send(ESCAPE)
    tuned.wait_until(lambda: OFFER not in tuned.text)
    tuned.send("q")
    assert tuned.wait_for_exit() == 0
    told = words_of(tuned)
    assert f"{TUNED}, not saved; to use it:" in told
    assert "  deeptone-tui demo --volume-threshold 0.005623" in told
    assert not (tmp_path / "deeptone-tui" / "config.toml").exists()


def test_enter_saves_and_the_line_that_is_told_comes_back_to_it(
    tuned: Terminal, home: Mapping[str, str], tmp_path: Path
) -> None:
    """From the last line of one run to the threshold of the next."""
    tuned.send("q")
    tuned.wait_for(OFFER)
    tuned.send(ENTER)
    assert tuned.wait_for_exit() == 0
    place = tmp_path / "deeptone-tui" / "config.toml"
    assert load_configuration(place).profiles["tuned"].volume_threshold == 0.005623
    told = words_of(tuned)
    assert f"{TUNED}, saved in profile tuned ({place}); to use it:" in told
    line = next(each for each in told if each.startswith("  deeptone-tui "))
    with terminal([*PROGRAM, *line.split()[1:]], env=home) as session:
        session.wait_for("STREAMING", 60)
        session.wait_for("0.005623  −45.0 dBFS")
        session.wait_for("✓ applied")
        session.send("q")
        assert session.wait_for_exit() == 0
        assert any(
            each.startswith(f"{TUNED}, saved in profile tuned") for each in words_of(session)
        )


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_signals_never_ask(tuned: Terminal, number: signal.Signals) -> None:
    """They leave at once; ctrl+c too. What is not saved is told."""
    if number is signal.SIGINT:
        tuned.send("\x03")
    else:
        os.kill(tuned.pid, number)
    assert tuned.wait_for_exit() == 0
    assert OFFER.encode() not in tuned.output
    assert f"{TUNED}, not saved; to use it:" in words_of(tuned)
