"""Nothing leaves the machine, and nothing is written but where it belongs: in the system calls.

Each run that loads models is done twice: as it is, and with the one variable kept from being set
that silences onnxruntime. The second must be found out, or the first proves nothing. Then a proxy
that does not exist stands before the network, so that no test ever calls onnxruntime's maker.
"""

import asyncio
import contextlib
import os
import re
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest
from aiohttp import ClientSession
from support.endpoints.served_endpoint import hear
from support.endpoints.serving_process import serving
from support.programs.program import PATIENCE, PROGRAM, REPOSITORY
from support.programs.system_calls import Place, Strace
from support.sources.sounds import noise, write_wav
from support.sources.virtual_mics import PROGRAMS, virtual_mics
from support.terminals.terminal import terminal

pytestmark = [
    pytest.mark.realtime,
    pytest.mark.system("strace"),
    pytest.mark.usefixtures("may_trace"),
    pytest.mark.skipif(sys.platform != "linux", reason="strace is Linux's"),
]

SECOND = 16_000
VARIABLE = "ORT_DISABLE_TELEMETRY"
KEPT_UNSET = f"""\
import os
putenv = os.putenv
os.putenv = lambda name, value: None if name == b"{VARIABLE}" else putenv(name, value)
"""
"""A ``sitecustomize`` for every Python process of a run."""
KEPT = ("PATH", "LANG", "LC_", "LD_", "PYTHONPATH", "PYTEST")
"""Beginnings of the variables that a run inherits. None of those that tell of a machine that
builds, such as ``CI``: there onnxruntime is silent by itself, and nothing would be proved."""
NOBODY = "http://127.0.0.1:9"


@dataclass(frozen=True)
class Watched:
    """A home of its own, and the program in it under the eyes of strace."""

    home: Path
    strace: Strace
    env: Mapping[str, str]

    @property
    def out(self) -> Path:
        """Where it is told to write what is asked for."""
        return self.home / "out"


Run = Callable[[Watched], None]


@pytest.fixture
def watched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Watched:
    """The program as it is, without any help of this environment."""
    for name in [name for name in os.environ if not name.startswith(KEPT)]:
        monkeypatch.delenv(name)
    home = tmp_path / "home"
    (home / "scratch").mkdir(parents=True)
    (home / "out").mkdir()
    env = {"HOME": str(home), "TMPDIR": str(home / "scratch")}
    env["PULSE_SERVER"] = f"unix:{home}/none"  # or libpulse would start one for this home
    env |= dict.fromkeys(("http_proxy", "https_proxy", "all_proxy", "HTTPS_PROXY"), NOBODY)
    return Watched(home, Strace(tmp_path, REPOSITORY), env)


def stream(watched: Watched) -> None:
    """Results as JSON lines, from the local endpoint in its child process, and a recording."""
    more = ("--fast", "--models", "speech-rt,gender", "--record", str(watched.out))
    finished(watched, "stream", str(sound(watched.home / "talk.wav")), *more)


def tune(watched: Watched) -> None:
    """Files heard by two processes of a pool, and a picture."""
    folder = watched.home / "files"
    folder.mkdir()
    for number in range(4):
        sound(folder / f"{number}.wav", seed=number)
    plot = watched.out / "curve.svg"
    finished(watched, "tune", str(folder), "--jobs", "2", "--json", "--plot", str(plot))


def serve(watched: Watched) -> None:
    """The endpoint for others, and a client that streams to it."""
    with serving(env=watched.env, before=watched.strace.command) as server:
        heard = asyncio.run(streamed(f"{server.stream}?models=speech-rt,gender"))
        assert heard == 2
        assert server.end() == 0


def monitor(watched: Watched) -> None:
    """The screen, its endpoint, a recording, the devices, tune mode, and what is remembered."""
    command = [*watched.strace.command, *PROGRAM, "demo", "--record", str(watched.out)]
    with terminal(command, env=watched.env) as session:
        session.wait_for("STREAMING", PATIENCE)
        session.wait_until(lambda: re.search(r"00:00:0\d\.\d .*silence", session.text) is not None)
        session.send("d")
        session.wait_for("Input device")
        session.send("\x1b")
        session.wait_until(lambda: "Input device" not in session.text)
        session.send("t[")
        session.wait_for("−30 s")
        session.leave()


def microphone(watched: Watched) -> None:
    """The screen on a microphone, by PortAudio, ALSA and PulseAudio, with the list of devices."""
    with virtual_mics() as mics:
        (watched.home / ".asoundrc").write_text((mics.folder / ".asoundrc").read_text())
        sound_server = {name: mics.env[name] for name in ("PULSE_SERVER", "XDG_RUNTIME_DIR")}
        command = [*watched.strace.command, *PROGRAM, "--device", "room"]
        with terminal(command, env={**watched.env, **sound_server}) as session:
            session.wait_for("STREAMING", PATIENCE)
            session.send("d")
            session.wait_until(lambda: "Input device" in session.text and "desk" in session.text)
            session.send("\x1b")
            session.wait_until(lambda: "Input device" not in session.text)
            session.leave()


def web(watched: Watched) -> None:
    """The monitor in a browser, which here asks for nothing but its picture."""
    with subprocess.Popen(
        [*watched.strace.command, *PROGRAM, "web", "--port", "0", "demo"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        text=True,
        cwd=REPOSITORY,
        env={**os.environ, **watched.env},
    ) as process:
        assert process.stdout is not None
        try:
            asyncio.run(drawn(process.stdout.readline().strip()))
            process.terminate()
            assert process.wait(PATIENCE) == 0
        finally:
            process.kill()


def facts(watched: Watched) -> None:
    """What is installed and which devices there are."""
    finished(watched, "info", "--json")


def by_name(watched: Watched) -> None:
    """A source and an endpoint at ``localhost``, which needs no name server."""
    with serving() as server, sender() as port:
        url = f"ws://localhost:{server.port}/stream"
        finished(watched, "stream", f"tcp://localhost:{port}", "--url", url)


def own_name(watched: Watched) -> None:
    """The endpoint at ``localhost``."""
    with serving("--host", "localhost", env=watched.env, before=watched.strace.command) as server:
        assert server.end() == 0


LOADING = (stream, tune, serve)
"""The ways in which the models are loaded: by a child, in a pool, and by the program itself."""
ON_A_MICROPHONE = pytest.param(microphone, marks=pytest.mark.system(*PROGRAMS))


@pytest.mark.parametrize("run", [*LOADING, monitor, web, ON_A_MICROPHONE, facts, by_name, own_name])
def test_it_calls_nobody_and_writes_where_it_may(watched: Watched, run: Run) -> None:
    """No socket but on this machine, no name looked up, no file outside the list."""
    run(watched)
    found = watched.strace.violations(places(watched))
    assert not found, "\n".join(found)


@pytest.mark.parametrize(
    "run", [*LOADING, *(pytest.param(run, marks=pytest.mark.thorough) for run in (monitor, web))]
)
def test_without_the_variable_it_is_found_out(watched: Watched, run: Run) -> None:
    """By the files of onnxruntime; its calls come seconds later, or not in so short a run."""
    customized = watched.home / "customized"
    customized.mkdir()
    (customized / "sitecustomize.py").write_text(KEPT_UNSET)
    path = os.pathsep.join([str(customized), *filter(None, [os.environ.get("PYTHONPATH")])])
    run(Watched(watched.home, watched.strace, {**watched.env, "PYTHONPATH": path}))
    found = watched.strace.violations(places(watched))
    assert any(str(watched.home / ".cache" / "Microsoft") in violation for violation in found)


def finished(watched: Watched, *arguments: str) -> None:
    """Run the program to its good end."""
    done = subprocess.run(
        [*watched.strace.command, *PROGRAM, *arguments],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
        cwd=REPOSITORY,
        env={**os.environ, **watched.env},
        timeout=PATIENCE,
    )
    assert done.returncode == 0, done.stderr.decode()


@contextlib.contextmanager
def sender() -> Iterator[int]:
    """A peer that sends a period to the first who comes; its port."""
    with socket.create_server(("127.0.0.1", 0)) as listening, ThreadPoolExecutor() as pool:

        def send() -> None:
            peer, _ = listening.accept()
            with peer:
                peer.sendall(noise(16_384).tobytes())

        listening.settimeout(PATIENCE)
        sent = pool.submit(send)
        yield int(listening.getsockname()[1])
        sent.result()


async def streamed(url: str) -> int:
    """How many results there are for two periods."""
    async with ClientSession() as session, session.ws_connect(url) as client:
        await client.send_bytes(noise(2 * 16_384).tobytes())
        await client.send_bytes(b"")
        return len((await hear(client)).steps)


async def drawn(address: str) -> None:
    """Be shown the monitor until it has results."""
    origin, seen = address.rsplit("/", 2)[0], b""
    async with (
        asyncio.timeout(PATIENCE),
        ClientSession() as session,
        session.ws_connect(f"{address}ws", headers={"Origin": origin}) as screen,
    ):
        while b"STREAMING" not in seen:
            message = await screen.receive()
            seen += message.data if isinstance(message.data, bytes) else b""


def sound(path: Path, *, seed: int = 1) -> Path:
    """Three seconds of noise."""
    return write_wav(path, noise(3 * SECOND, seed=seed + 1))


def places(watched: Watched) -> tuple[Place, ...]:
    """Where the program may write, each with its reason."""
    home = re.escape(str(watched.home))
    python = "|".join(re.escape(path) for path in {str(REPOSITORY), sys.prefix, sys.base_prefix})
    shared = "/dev/shm/"  # noqa: S108  where the kernel has it
    return (
        Place(rf"{home}/\.local(/state)?", "made on the way to the state of programs"),
        Place(rf"{home}/\.local/state/deeptone-tui(/.*)?", "log and preferences"),
        Place(rf"{home}/out(/.*)?", "the recording and the picture that were asked for"),
        Place(rf"({python})/.*__pycache__(/[^/]*\.pyc[^/]*)?", "Python's own compiled modules"),
        Place(rf"{shared}(sem\.|pym-)[^/]*", "locks and memory of the pool's processes"),
        Place(r"/dev/(null|tty|ptmx|pts/\d+)", "no file: nowhere, and the terminal"),
        Place(r"/dev/(dsp\d*|snd/.*)", "PortAudio tries the sound devices"),
        Place(rf"{home}/\.config(/pulse(/.*)?)?", "PulseAudio's library keeps its cookie there"),
        Place(rf"{home}/scratch/pulse-\w+", "and makes this where there is no folder for sockets"),
        Place(rf"{shared}pulse-shm-\d+", "audio on its way from PulseAudio"),
        Place(rf"{shared}jack[_-].*", "JACK's library has a database there"),
        Place(
            rf"{home}/scratch/\w+(\.\w+)*", "ctypes asks the compiler where a PortAudio might be"
        ),
    )
