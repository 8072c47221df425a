"""``deeptone-tui tune`` on a microphone, and on a terminal."""

import json
import sys
from pathlib import Path

import pexpect
import pytest
from support.programs.program import PATIENCE, REPOSITORY, run_program, surroundings
from support.sources.virtual_mics import PROGRAMS, virtual_mics


@pytest.mark.system(*PROGRAMS)
def test_a_microphone_is_heard_for_some_seconds() -> None:
    """Named by its device alone; a room without sound is too little audio, and no failure."""
    with virtual_mics() as mics:
        words = ("tune", "--device", "room", "--seconds", "2", "--json")
        done = run_program(mics.folder, *words, env=mics.env)
        missing = run_program(mics.folder, "tune", "mic", "--device", "rom", env=mics.env)
    assert (done.returncode, done.stderr) == (0, b"")
    (found,) = json.loads(done.stdout)["sources"]
    assert (found["source"], found["seconds"]) == ("mic", 2.0)
    assert found["verdict"] == "too little audio"
    assert missing.returncode == 1
    assert b"room" in missing.stderr


def test_a_terminal_sees_how_far_it_is(tmp_path: Path) -> None:
    """One line that is gone in the end; then the table."""
    child = pexpect.spawn(
        sys.executable,
        ["-m", "deeptone_tui", "tune", "demo", "demo", "--jobs", "1"],
        cwd=str(REPOSITORY),
        env=surroundings(tmp_path),
        timeout=PATIENCE,
        encoding="utf-8",
        dimensions=(24, 100),
    )
    child.expect(r"heard 0 of 2 sources, 0:\d\d")
    child.expect("\r\x1b\\[Kin periods of 1024 ms *threshold")
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus == 0
