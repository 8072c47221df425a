"""The README's recipes for sound over SSH, as written there, over a real sshd on loopback.

Changed in them is only what one machine cannot have: a port with the same number at both ends, and
the name of somebody's device.
"""

import contextlib
import json
import os
import re
import signal
import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest
from support.programs.readme import changed, line_with, lines_with
from support.programs.shell_line import shell_line
from support.sources import virtual_mics
from support.sources.scenes import demo
from support.sources.sounds import write_wav
from support.sources.virtual_mics import VirtualMics
from support.terminals import ssh_host
from support.terminals.laptop import Laptop, reaches_across, results, wait_for_speech, words
from support.terminals.ssh_host import SshHost, free_port, listens
from support.terminals.terminal import Terminal, child_named
from support.time.waiting import wait_until

pytestmark = [
    pytest.mark.realtime,
    pytest.mark.long,
    pytest.mark.skipif(sys.platform != "linux", reason="reads /proc"),
    pytest.mark.system("bash", "sox", *ssh_host.PROGRAMS, *virtual_mics.PROGRAMS),
]

NO_MICROPHONE = {"PULSE_SERVER": "unix:/nonexistent"}
"""Environment of a machine without one."""
CAPTURE = "tmux capture-pane -p -t voice"
"""Prints what the monitor in tmux shows."""
RIGHT = "\x1b[C"
Speaking = Callable[..., contextlib.AbstractContextManager[None]]
PATIENCE = 60
"""Seconds after which a test hangs."""


@pytest.fixture(scope="module")
def speech(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Half a minute in which somebody speaks."""
    return write_wav(
        tmp_path_factory.mktemp("speech") / "speech.wav", demo()[5 * 16_000 :][: 30 * 16_000]
    )


@pytest.fixture(scope="module")
def deaf_box() -> Iterator[SshHost]:
    """A server without a microphone."""
    with ssh_host.ssh_host(NO_MICROPHONE) as running:
        yield running


@pytest.fixture(scope="module")
def capture_box(mics: VirtualMics) -> Iterator[SshHost]:
    """A server with the microphones."""
    theirs = {name: mics.env[name] for name in ("HOME", "XDG_RUNTIME_DIR", "PULSE_SERVER")}
    with ssh_host.ssh_host(theirs) as running:
        yield running


@pytest.fixture
def heard_here(deaf_box: SshHost, mics: VirtualMics) -> Laptop:
    """My machine, with the microphones that the server lacks."""
    return Laptop(deaf_box, mics.env)


@pytest.fixture
def heard_there(capture_box: SshHost, tmp_path: Path) -> Laptop:
    """My machine, without those of the server."""
    return Laptop(capture_box, {**NO_MICROPHONE, "HOME": str(tmp_path)})


@pytest.fixture
def speaking(mics: VirtualMics, speech: Path) -> Speaking:
    """Somebody speaks into a microphone within a ``with``."""

    @contextlib.contextmanager
    def begin(mic: str | None = None) -> Iterator[None]:
        player = mics.play(speech, mic)
        try:
            yield
        finally:
            player.kill()
            player.wait(PATIENCE)

    return begin


def hear_and_quit(session: Terminal, speaking: Speaking) -> None:
    """Wait until speech is among the results, and leave."""
    session.wait_for("STREAMING")
    with speaking():
        wait_for_speech(session)
    session.leave()


@pytest.mark.system("nc")
def test_my_microphone_in_the_monitor_there_by_a_forwarded_port(
    heard_here: Laptop, speaking: Speaking
) -> None:
    """What is spoken here is called speech there; ``q`` ends everything at both ends."""
    here, there = free_port(), free_port()
    microphone, monitor = lines_with("capture-box deeptone-tui tcp://")
    microphone = changed(microphone, ("4711", f"{here}"))
    monitor = changed(
        monitor,
        ("4711:localhost:4711", f"{there}:localhost:{here}"),
        ("tcp://localhost:4711", f"tcp://localhost:{there}"),
    )
    with heard_here.types(microphone) as sender:
        wait_until(lambda: listens(here), "nc does not listen")
        with heard_here.types(monitor) as session:
            hear_and_quit(session, speaking)
        heard_here.box.wait_until_idle()
        sender.wait_for_exit()


def test_my_microphone_in_lines_from_there_by_a_pipe(
    heard_here: Laptop, speaking: Speaking
) -> None:
    """Results come while it runs, and the last ones when the microphone is turned off."""
    line = line_with("ssh capture-box deeptone-tui stream -")
    with shell_line(line, heard_here.env, heard_here.box.path) as (printed, pipe):
        lines = [printed.readline()]
        with speaking():
            while '"speech"' not in lines[-1]:
                lines.append(printed.readline())
        os.kill(child_named(pipe.pid, "sox"), signal.SIGTERM)
        lines += printed.readlines()
        assert pipe.wait(PATIENCE) == 0
    stamps = [json.loads(line)["timestamp"] for line in lines]
    assert stamps == [1024.0 * n for n in range(len(stamps))]
    heard_here.box.wait_until_idle()


def test_the_microphone_there_in_my_monitor_by_a_pipe(
    heard_there: Laptop, speaking: Speaking
) -> None:
    """Every key is the monitor's, none SSH's; ``q`` turns the microphone off."""
    with heard_there.types(line_with("ssh -n capture-box sox")) as session:
        session.wait_for("STREAMING")
        with speaking():
            wait_for_speech(session)
        for level in ("−45.5", "−45.0", "−44.5", "−44.0"):
            session.send(RIGHT)
            session.wait_until(partial(_mark_is_at, session, level))
        session.leave()
    heard_there.box.wait_until_idle()


def _mark_is_at(session: Terminal, level: str) -> bool:
    """Whether the threshold under the cursor is shown to be so many dBFS."""
    return re.search(rf"▲ \S+ +{level} dBFS +endpoint", session.text) is not None


@pytest.mark.system("nc")
def test_the_microphone_there_in_my_monitor_by_a_forwarded_port(
    heard_there: Laptop, speaking: Speaking
) -> None:
    """The same through a port; the sender ends with the monitor."""
    here, there = free_port(), free_port()
    microphone, monitor = lines_with("-L 4711")
    microphone = changed(
        microphone,
        ("4711:localhost:4711", f"{here}:localhost:{there}"),
        ("nc -l 4711", f"nc -l {there}"),
    )
    with heard_there.types(microphone) as sender:
        wait_until(lambda: listens(there) and listens(here), "nc does not listen")
        with heard_there.types(changed(monitor, ("4711", f"{here}"))) as session:
            hear_and_quit(session, speaking)
        sender.wait_for_exit()
    heard_there.box.wait_until_idle()


def test_the_endpoint_there_for_my_monitor(heard_here: Laptop, speaking: Speaking) -> None:
    """It answers through a forwarded port, says so there, and ends with its terminal."""
    here, there = free_port(), free_port()
    serve, monitor = lines_with("-L 8765")
    serve = changed(serve, ("8765:localhost:8765", f"{here}:localhost:{there}"))
    with heard_here.types(f"{serve} --port {there}", columns=120) as server:
        server.wait_for("ws://")
        with heard_here.types(changed(monitor, ("8765", f"{here}"))) as session:
            hear_and_quit(session, speaking)
        server.wait_for("closed by the client")
        server.hang_up()
        heard_here.box.wait_until_idle()


def test_a_link_that_breaks_ends_the_monitor_there(heard_there: Laptop, speaking: Speaking) -> None:
    """Typed into a shell there, on a device of its own; nothing goes on when the link is gone."""
    login, monitor = lines_with('--device "USB Audio CODEC"')
    with heard_there.types(login) as session:
        session.wait_for("server$")
        session.send(changed(monitor, ("USB Audio CODEC", "room")) + "\r")
        session.wait_for("STREAMING")
        with speaking("room"):
            wait_for_speech(session)
        os.kill(session.pid, signal.SIGKILL)
        heard_there.box.wait_until_idle()


@pytest.mark.system("tmux")
def test_the_monitor_goes_on_in_tmux_while_nobody_is_attached(
    heard_there: Laptop, speaking: Speaking
) -> None:
    """After leaving it, and after a broken link, the same line shows all that came meanwhile."""
    (line,) = lines_with("-A -s voice deeptone-tui\n")
    with heard_there.types(line) as session:
        session.wait_until(lambda: len(results(session.text)) > 0)
        session.send("\x02d")
        assert session.wait_for_exit() == 0
    assert heard_there.asks("tmux list-clients -t voice") == ""
    with speaking():
        wait_until(lambda: "speech" in words(heard_there.asks(CAPTURE)), "nothing goes on")
    with heard_there.types(line, columns=100, rows=30) as session:
        session.wait_for("q quit")
        wait_for_speech(session)
        session.wait_until(lambda: reaches_across(session.text, 100))
        os.kill(session.pid, signal.SIGKILL)
    with heard_there.types(line) as session:
        session.wait_for("q quit")
        session.wait_until(lambda: reaches_across(session.text, 80))
        session.leave()
    heard_there.box.wait_until_idle()


@pytest.mark.system("tmux", "nc")
def test_my_microphone_goes_on_in_tmux_there_while_nobody_is_attached(
    heard_here: Laptop, speaking: Speaking
) -> None:
    """The port has a connection of its own, so the audio goes on when the screen is left."""
    here, there = free_port(), free_port()
    port, monitor = lines_with("ssh -N -R")
    port = changed(port, ("4711:localhost:4711", f"{there}:localhost:{here}"))
    monitor = changed(monitor, ("4711", f"{there}"))
    sender = changed(lines_with("capture-box deeptone-tui tcp://")[0], ("4711", f"{here}"))
    with heard_here.types(sender), heard_here.types(port):
        wait_until(lambda: listens(here) and listens(there), "nothing listens")
        with heard_here.types(monitor) as session:
            session.wait_until(lambda: len(results(session.text)) > 0)
            session.send("\x02d")
            assert session.wait_for_exit() == 0
        with speaking(), heard_here.types(monitor, columns=100, rows=30) as session:
            wait_for_speech(session)
            session.leave()
        heard_here.box.wait_until_idle()
