"""Keys from the terminal while stdin carries audio."""

import shlex
import subprocess
import sys
from pathlib import Path

from support.sources.sounds import noise
from support.terminals.terminal import terminal

PROGRAM = """
import asyncio, os, sys
from deeptone_tui.audio import SourceKind, SourceOptions, SourceSpec, open_source
from deeptone_tui.cli.terminal import keys_from_terminal

async def hear(fd):
    options = SourceOptions(realtime=False, stdin_fd=fd)
    source = open_source(SourceSpec(SourceKind.STDIN), options)
    await source.open()
    count = sum([len(block.samples) async for block in source.blocks()])
    await source.close()
    return count

with keys_from_terminal() as fd:
    assert sys.__stdin__.isatty() and os.isatty(0) and not os.isatty(fd)
    print("ready", flush=True)
    print("key", os.read(0, 10), flush=True)
    print("samples", asyncio.run(hear(fd)), flush=True)
print("terminal again:", os.isatty(0), flush=True)
"""


def test_keys_and_audio_come_by_different_ways(tmp_path: Path) -> None:
    """A pipe into the program, in a terminal: both are read, nothing is mixed up."""
    raw = tmp_path / "noise.raw"
    raw.write_bytes(noise(50_000).tobytes())
    python = shlex.join([sys.executable, "-c", PROGRAM])
    with terminal(["sh", "-c", f"cat {shlex.quote(str(raw))} | {python}"]) as session:
        session.wait_for("ready")
        session.send("q\r")
        session.wait_for("samples 50000")
        session.wait_for("terminal again: False")
        assert "key b'q\\n'" in session.text


def test_without_a_terminal_there_is_one_line() -> None:
    """Nothing is changed, and the line says what works instead."""
    body = """
import os, sys
from deeptone_tui.audio import SourceError
from deeptone_tui.cli.terminal import keys_from_terminal
try:
    with keys_from_terminal():
        pass
except SourceError as error:
    print(error)
print(os.read(0, 10))
"""
    done = subprocess.run(
        [sys.executable, "-c", body],
        input=b"audio",
        capture_output=True,
        start_new_session=True,  # no terminal to open by /dev/tty
        check=True,
    )
    first, second = done.stdout.decode().splitlines()
    assert first.startswith("the screen needs a terminal for its keys")
    assert "deeptone-tui stream -" in first
    assert second == "b'audio'"
    assert done.stderr == b""
