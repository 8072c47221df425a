"""Microphones without a sound card: a private PulseAudio, and ALSA names for its sources.

What each setting is for was measured on Debian 12 with PulseAudio 16:

- ``norewinds=1``: without it a null sink renders 2 s ahead and the first block comes as late;
- ``rescue-streams = no``: otherwise an unplugged source silently hands its stream to another;
- the default source is none of the microphones: unplugging the default one moves its stream.

Captured is bit for bit what was played where every stage is 16 kHz mono 16-bit, as ``room`` is.
"""

import contextlib
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from support.programs.program import REPOSITORY

from deeptone_tui.audio.source import SHARED_MEMORY

PROGRAMS = ("pulseaudio", "pactl", "paplay")
"""What a test has to be marked with: ``@pytest.mark.system(*PROGRAMS)``."""
RATES = {"desk": 48_000, "room": 16_000}
"""The microphones there are, and their rates in Hz."""
_START_TIMEOUT = 10.0


class VirtualMics:
    """A running PulseAudio with microphones ``desk`` and ``room``, and a default one.

    The program under test gets ``env``: setting it in this process would come too late for a
    PortAudio that is already loaded.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        """Home of the daemon and of the program under test."""
        self.env: dict[str, str] = {
            **os.environ,
            "HOME": str(folder),
            "XDG_RUNTIME_DIR": str(folder),
            "PULSE_SERVER": f"unix:{folder}/pulse.sock",
            "PYTHONPATH": f"{REPOSITORY}{os.pathsep}{REPOSITORY / 'tests'}",
        }
        self.daemon: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start the daemon and wait until it answers."""
        _write_configuration(self.folder)
        # JACK's library, which PortAudio asks too, never gets past a lock that a killed test left.
        shutil.rmtree(SHARED_MEMORY / f"jack_db-{os.getuid()}", ignore_errors=True)
        self.daemon = subprocess.Popen(
            [
                "pulseaudio",
                *("-n", "-F", str(self.folder / "mics.pa"), "--daemonize=no"),
                *("--exit-idle-time=-1", f"--log-target=file:{self.folder}/pulse.log"),
            ],
            env=self.env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        deadline = time.monotonic() + _START_TIMEOUT
        while not self._answers():
            if time.monotonic() > deadline or self.daemon.poll() is not None:
                log = (self.folder / "pulse.log").read_text(errors="replace")
                raise RuntimeError(f"PulseAudio did not start:\n{log}")
            time.sleep(0.05)

    def stop(self) -> None:
        """End the daemon, as a sound server that crashes."""
        if self.daemon is not None:
            self.daemon.kill()
            self.daemon.wait()
            self.daemon = None

    def play(self, path: Path, mic: str | None = None) -> subprocess.Popen[bytes]:
        """Play a file into a microphone, None the default one; ``wait()`` for its end."""
        device = [] if mic is None else [f"--device={mic}_in"]
        return subprocess.Popen(["paplay", *device, str(path)], env=self.env)

    def unplug(self, mic: str) -> None:
        """Take the microphone away; its capture ends with an error."""
        modules = self._pactl("list", "short", "modules").splitlines()
        number = next(row.split()[0] for row in modules if f"source_name={mic} " in f"{row} ")
        self._pactl("unload-module", number)

    def replug(self, mic: str) -> None:
        """Bring it back by the same name."""
        self._pactl("load-module", "module-remap-source", *_source(mic))

    def suspend(self, mic: str, suspended: bool = True) -> None:
        """Let it stall, present but without data, or end that."""
        self._pactl("suspend-source", mic, "1" if suspended else "0")

    def name(self, pcm: str, mic: str) -> None:
        """Give a microphone one more ALSA name, which is how a new device appears."""
        with (self.folder / ".asoundrc").open("a") as file:
            file.write(_pcm(pcm, mic))

    def _answers(self) -> bool:
        asked = subprocess.run(["pactl", "info"], env=self.env, capture_output=True, check=False)
        return asked.returncode == 0

    def _pactl(self, *arguments: str) -> str:
        done = subprocess.run(
            ["pactl", *arguments], env=self.env, capture_output=True, text=True, check=True
        )
        return done.stdout


@contextlib.contextmanager
def virtual_mics() -> Iterator[VirtualMics]:
    """Run the microphones; the daemon and its folder are gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="mics-", ignore_cleanup_errors=True) as folder:
        mics = VirtualMics(Path(folder))
        try:
            mics.start()
            yield mics
        finally:
            mics.stop()


def _write_configuration(folder: Path) -> None:
    pulse = folder / ".config" / "pulse"
    pulse.mkdir(parents=True, exist_ok=True)
    (pulse / "daemon.conf").write_text("rescue-streams = no\n")
    socket = f"socket={folder}/pulse.sock auth-anonymous=1"
    rows = [f"load-module module-native-protocol-unix {socket}", _sink("spk", 48_000)]
    for mic, rate in RATES.items():
        rows += [
            _sink(f"{mic}_in", rate),
            " ".join(["load-module module-remap-source", *_source(mic)]),
        ]
    rows += ["set-default-sink spk", "set-default-source spk.monitor"]
    (folder / "mics.pa").write_text("\n".join(rows) + "\n")
    (folder / ".asoundrc").write_text("".join(_pcm(mic, mic) for mic in RATES))


def _sink(name: str, rate: int) -> str:
    form = f"format=s16le rate={rate} channels=1 norewinds=1"
    return f"load-module module-null-sink sink_name={name} {form}"


def _source(mic: str) -> tuple[str, ...]:
    return f"source_name={mic}", f"master={mic}_in.monitor"


def _pcm(name: str, mic: str) -> str:
    return f'pcm.{name} {{ type pulse device "{mic}" hint {{ show on description "{name}" }} }}\n'
