"""A sound server that accepts connections and never answers: PortAudio hangs in its own start."""

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.programs.program import run_program
from support.sources.virtual_mics import PROGRAMS
from support.terminals.terminal import program_terminal

pytestmark = pytest.mark.system(*PROGRAMS)


@pytest.fixture
def silent(tmp_path: Path) -> Iterator[dict[str, str]]:
    """An environment with such a server, which ALSA's devices lead to."""
    (tmp_path / ".asoundrc").write_text("pcm.!default { type pulse }\n")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(tmp_path / "silent.sock"))
        server.listen(50)
        yield {"HOME": str(tmp_path), "PULSE_SERVER": f"unix:{tmp_path}/silent.sock"}


def test_the_devices_are_not_known_and_the_program_ends(
    tmp_path: Path, silent: dict[str, str]
) -> None:
    """Over the call that hangs, which it does not wait for."""
    done = run_program(tmp_path, "devices", env=silent)
    assert done.returncode == 1
    assert done.stderr.startswith(b"deeptone-tui: the sound system does not answer")


def test_the_monitor_opens_with_words_and_ends_by_its_keys(
    tmp_path: Path, silent: dict[str, str]
) -> None:
    """On the demo, as where there is no device."""
    with program_terminal(tmp_path, env=silent) as session:
        session.wait_for("the sound system does not answer")
        session.wait_for("demo")
        session.leave("\x03")
