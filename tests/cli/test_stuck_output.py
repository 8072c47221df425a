"""Programs whose output nobody reads any more: a pager, a stalled SSH, a collector that hangs."""

import contextlib
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from support.programs.pipes import full_pipe
from support.programs.program import PATIENCE, REPOSITORY, started, surroundings
from support.time.waiting import wait_until

pytestmark = [
    pytest.mark.realtime,
    pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX"),
]


def has_results(folder: Path) -> bool:
    """Whether a recording within a folder holds results."""
    return any(path.stat().st_size for path in folder.glob("*/results.jsonl"))


@pytest.mark.parametrize(
    ("number", "told"), [(signal.SIGINT, True), (signal.SIGTERM, True), (signal.SIGTERM, False)]
)
def test_stream_ends_at_a_signal_though_its_results_are_not_read(
    tmp_path: Path, number: signal.Signals, told: bool
) -> None:
    """How many of them were not written is told; where that is not read either, nobody waits."""
    words = ("stream", "demo", "--fast", "--record", str(tmp_path / "records"))
    with full_pipe() as (_, writing):
        stderr = subprocess.PIPE if told else writing
        stream = started(tmp_path, *words, stdout=writing, stderr=stderr)
        wait_until(lambda: has_results(tmp_path / "records"), "no results")
        stream.send_signal(number)
        _, diagnostics = stream.communicate(timeout=PATIENCE)
    assert stream.returncode == 128 + number
    assert not told or b"stdout was not read" in diagnostics


def test_serve_serves_and_ends_though_stderr_is_not_read(tmp_path: Path) -> None:
    """Whoever looks at its lines, or not, is nothing to its clients."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]

    def answers() -> bool:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port)) as client:
            client.sendall(b"GET /stream?models=none HTTP/1.1\r\nHost: localhost\r\n\r\n")
            return client.recv(4096).startswith(b"HTTP/1.1 4")
        return False

    with full_pipe() as (_, writing):
        server = started(tmp_path, "serve", "--port", str(port), stdout=writing, stderr=writing)
        wait_until(answers, "it does not serve")
        assert all(answers() for _ in range(10))
        server.terminate()
        assert server.wait(PATIENCE) == 0


def test_an_interrupted_command_does_not_wait_for_its_reader_in_the_end(tmp_path: Path) -> None:
    """What a write has left behind is flushed by the interpreter, without a bound."""
    interrupted = "report(KeyboardInterrupt())"
    code = f"print('left behind'); from deeptone_tui.cli.errors import report; exit({interrupted})"
    with full_pipe() as (_, writing):
        done = subprocess.run(
            [sys.executable, "-c", code],
            stdout=writing,
            check=False,
            cwd=REPOSITORY,
            env=surroundings(tmp_path, {"PYTHONUNBUFFERED": ""}),
            timeout=PATIENCE,
        )
    assert done.returncode == 130
