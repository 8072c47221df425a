"""Ctrl+z and fg, in a terminal with a shell that has job control."""

import os
import shlex
import signal
import sys
import termios
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from support.programs.program import PROGRAM, surroundings
from support.screens import scene_app
from support.terminals.terminal import Terminal, after_the_screen, children_of, is_running, terminal

pytestmark = [
    pytest.mark.skipif(sys.platform != "linux", reason="reads /proc"),
    pytest.mark.system("bash"),
]

LEAVE_ALTERNATE_SCREEN = b"\x1b[?1049l"
TITLES = (b"Level", b"Last minute", b"Results", b"quit")
SCENE = shlex.join([sys.executable, scene_app.__file__])


@contextmanager
def shell(folder: Path, command: str) -> Iterator[Terminal]:
    """A shell that has started a command, whose screen is there."""
    env = {**surroundings(folder), "PS1": "$ ", "HISTFILE": ""}
    with terminal(["bash", "--norc", "--noprofile", "--noediting", "-i"], env=env) as session:
        session.wait_for("$")
        session.send(f"{command}\n")
        session.wait_for("Last minute")
        yield session


def stop(session: Terminal) -> None:
    """Press ctrl+z, and see the shell have a terminal that is as it was."""
    written = len(session.output)
    session.send("\x1a")
    session.wait_until(lambda: LEAVE_ALTERNATE_SCREEN in session.output[written:])
    session.wait_until(lambda: b"Stopped" in after_the_screen(session))
    session.pump(0.1)
    assert set(states(session.pid)) == {"T"}
    assert b"\x1b[?25h" in after_the_screen(session), "no cursor"
    for mode in (b"1000", b"1003", b"1004", b"1006", b"2004"):
        assert session.output.rfind(b"\x1b[?%bl" % mode) > session.output.rfind(b"?%bh" % mode)
    assert is_sane(session)
    session.send("echo ' '$((6 * 7))\n")
    session.wait_until(lambda: b" 42" in after_the_screen(session))


def come_back(session: Terminal) -> None:
    """Bring the job to the front, and see the whole screen again."""
    written = len(session.output)
    session.send("fg\n")
    session.wait_until(lambda: all(title in session.output[written:] for title in TITLES))


def leave(session: Terminal) -> None:
    """Press q, and see the shell again, with an echo."""
    session.send("q")
    session.wait_until(lambda: b"captured 00:" in after_the_screen(session))
    session.wait_until(lambda: not states(session.pid))
    session.pump(0.1)
    assert is_sane(session)
    session.send("exit\n")
    assert session.wait_for_exit() == 0


def is_sane(session: Terminal) -> bool:
    """Whether the terminal echoes, hands on lines, and has its own keys."""
    flags = int(termios.tcgetattr(session.process.child_fd)[3])
    wanted = termios.ECHO | termios.ICANON | termios.ISIG
    return flags & wanted == wanted


def states(pid: int) -> list[str]:
    """The states of all processes below one that are in its session (Linux)."""
    found = []
    for child in children_of(pid):
        if is_running(child) and os.getsid(child) == os.getsid(pid):
            stat = Path(f"/proc/{child}/stat").read_text()
            found += [stat.rsplit(")", 1)[1].split()[0], *states(child)]
    return found


def test_the_whole_job_stops_and_comes_back(tmp_path: Path) -> None:
    """Make, its shell, what pipes audio in, and the monitor; as often as one likes."""
    silence = "import os, time\nwhile True: os.write(1, bytes(3200)); time.sleep(0.1)"
    sound = shlex.join([sys.executable, "-c", f"exec({silence!r})"])
    monitor = shlex.join([*PROGRAM, "-", "--url", "ws://127.0.0.1:9/stream"])
    (tmp_path / "Makefile").write_text(f"run:\n\t@{sound} 2>&- | {monitor}\n")
    with shell(tmp_path, f"make -f {shlex.quote(str(tmp_path))}/Makefile") as session:
        for _ in range(2):
            stop(session)
            come_back(session)
        leave(session)


def test_a_dialog_stops_too_and_a_stop_without_warning_is_no_harm(tmp_path: Path) -> None:
    """With SIGSTOP the terminal is the shell's before the program can give it back."""
    with shell(tmp_path, SCENE) as session:
        (program,) = children_of(session.pid)
        session.send("?")
        session.wait_for("Help")
        stop(session)
        written = len(session.output)
        session.send("bg\nfg\n")  # in the background it waits for its terminal
        session.wait_until(lambda: b"Help" in session.output[written:])
        session.send("\x1b")
        session.wait_until(lambda: b"quit" in session.output[written:])
        threads = threads_of(program)
        os.kill(program, signal.SIGSTOP)
        session.wait_until(lambda: session.output.count(b"Stopped") > 1)
        come_back(session)
        session.wait_until(lambda: threads_of(program) == threads)
        leave(session)


def test_without_a_shell_it_does_not_stop() -> None:
    """Nobody could let it go on: the terminal is given back, and the screen drawn again."""
    with terminal([sys.executable, scene_app.__file__]) as session:
        session.wait_for("Last minute")
        written = len(session.output)
        session.send("\x1a")
        session.wait_until(lambda: LEAVE_ALTERNATE_SCREEN in session.output[written:])
        session.wait_until(lambda: all(title in session.output[written:] for title in TITLES))
        session.send("q")
        assert session.wait_for_exit() == 0
        assert b"captured 00:01:16, 75 results, lost 0 s" in after_the_screen(session)


def threads_of(pid: int) -> int:
    """How many threads a process has (Linux)."""
    return len(list(Path(f"/proc/{pid}/task").iterdir()))
