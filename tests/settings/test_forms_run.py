"""Every form, run: what is printed works against the local endpoint."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from support.endpoints.serving_process import PATIENCE, Serving, serving
from support.programs.program import run_program
from support.programs.shell_line import shell_line
from support.sources.sounds import noise, write_wav
from support.sources.virtual_mics import PROGRAMS, virtual_mics
from websocket import create_connection

from deeptone_tui import audio
from deeptone_tui.core.address import PLACEHOLDER
from deeptone_tui.protocol import StreamParameters
from deeptone_tui.settings.export import ExportSettings
from deeptone_tui.settings.profiles import write_profile

CLIENTS = Path(__file__).parents[1] / "endpoint" / "clients"
DEMO = Path(audio.__file__).with_name("demo.flac")
KEY = "a-key-for-these-tests"
RATE = 16_000
"""Where websocat and Python are."""
PARAMETERS = StreamParameters(
    models=("speech-rt", "gender"), output_period=512, volume_threshold=10 ** (-41.5 / 20)
)


@pytest.fixture(params=[pytest.param("", marks=pytest.mark.thorough), KEY], ids=["no key", "a key"])
def server(request: pytest.FixtureRequest) -> Iterator[Serving]:
    """The foreground server, without a key and with one."""
    with serving("--idle-timeout", "1.5", key=request.param) as running:
        yield running


def tuned(server: Serving, **changes: Any) -> ExportSettings:  # noqa: ANN401  fields by name
    """Settings for this server."""
    return ExportSettings(
        parameters=PARAMETERS, url=server.stream, has_key=KEY in server_key(server), **changes
    )


def server_key(server: Serving) -> str:
    """Its key, or nothing."""
    return "" if any("no key" in line for line in server.opening) else KEY


def with_key(text: str) -> str:
    """The form as the user completes it."""
    return text.replace(PLACEHOLDER, KEY)


def steps_of(output: str) -> list[dict[str, Any]]:
    """The steps among printed messages."""
    messages = [json.loads(line) for line in output.splitlines() if line.startswith("{")]
    assert messages[0]["message_type"] == "connection"
    assert {message["message_type"] for message in messages[1:]} == {"results"}
    return [message["results"]["channels"]["0"] for message in messages[1:]]


def answers(steps: list[dict[str, Any]]) -> list[str]:
    """What speech-rt says, step by step; every step has both models and its place."""
    assert all(set(step["results"]) == {"speech-rt", "gender"} for step in steps)
    assert [step["timestamp"] for step in steps] == [512.0 * n for n in range(len(steps))]
    return [step["results"]["speech-rt"]["result"] for step in steps]


def test_the_url_is_accepted(server: Serving) -> None:
    """It asks for these models, this period and this threshold."""
    settings = tuned(server)
    header = {"X-Api-Key": KEY} if settings.needs_key else {}
    connection = create_connection(settings.full_url, timeout=PATIENCE, header=header)
    quiet, loud = noise(8192, peak=400), noise(8192)
    connection.send_binary(np.concatenate([quiet, loud, quiet]).astype("<i2").tobytes())
    output = "".join(f"{str(connection.recv()).strip()}\n" for _ in range(4))
    connection.close()
    first, second, third = answers(steps_of(output))
    assert (first, third) == ("silence", "silence")
    assert second != "silence"


def test_the_python_line_runs_in_the_documented_script(server: Serving, tmp_path: Path) -> None:
    """It takes the place of the script's own; the key is set where the script sets it."""
    settings = tuned(server)
    file = write_wav(tmp_path / "input.wav", noise(6 * 8192 + 1))
    published = (CLIENTS / "stream_file.py.txt").read_text()
    begin, end = published.index("ws = websocket"), published.index("    ws.on_open")
    line = settings.python_line.replace("\n", "\n    ")
    script = tmp_path / "stream_file.py"
    script.write_text(
        f"{published[:begin]}{line}\n{published[end:]}".replace(
            "REPLACE_ME_WITH_YOUR_API_KEY", KEY
        ).replace("PATH/TO/LOCAL/FILE.wav", str(file))
    )
    done = subprocess.run(
        [sys.executable, script], capture_output=True, text=True, timeout=PATIENCE, check=False
    )
    assert len(answers(steps_of(done.stdout))) == 6


@pytest.mark.system("bash")
def test_the_environment_lines_run_the_program(server: Serving, tmp_path: Path) -> None:
    """Sourced in a shell, as they are printed."""
    lines = with_key(tuned(server).environment_lines)
    program = f"{sys.executable} -m deeptone_tui stream demo --fast"
    shell = f"{lines}\n{program} | head -n 20"
    done = subprocess.run(
        ["bash", "-c", shell],
        capture_output=True,
        text=True,
        env={**os.environ, "XDG_CONFIG_HOME": str(tmp_path), "XDG_STATE_HOME": str(tmp_path)},
        timeout=PATIENCE,
        check=False,
    )
    steps = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(steps) == 20, done.stderr
    assert "silence" in answers(steps)
    assert "speech" in answers(steps)


def test_the_profile_runs_the_program(server: Serving, tmp_path: Path) -> None:
    """Written where it is looked for, and named."""
    write_profile("desk", tuned(server).options(), tmp_path / "config/deeptone-tui/config.toml")
    key = {"DEEPTONE_API_KEY": server_key(server)} if server_key(server) else {}
    done = run_program(tmp_path, "stream", "demo", "--fast", "--profile", "desk", env=key)
    assert done.returncode == 0, done.stderr
    steps = [json.loads(line) for line in done.stdout.splitlines()]
    assert {"speech", "silence"} <= set(answers(steps))


@pytest.mark.realtime
@pytest.mark.system("bash", "sox", *PROGRAMS)
@pytest.mark.parametrize("server", [KEY], indirect=True)
def test_the_shell_line_hears_the_microphone_that_was_tuned(
    server: Serving, tmp_path: Path
) -> None:
    """Not the default one: silence in the pauses, speech in the sentences."""
    file = tmp_path / "talk.wav"
    samples, _ = soundfile.read(DEMO, dtype="int16", stop=16 * RATE)
    soundfile.write(file, samples, RATE)
    line = with_key(tuned(server, device="room", host_api="ALSA").shell_line)
    with virtual_mics() as mics, shell_line(line, mics.env) as (printed, _):
        lines = [printed.readline() for _ in range(2)]
        playing = mics.play(file, "room")
        lines += [printed.readline() for _ in range(30)]
        playing.wait(PATIENCE)
    heard = answers(steps_of("".join(lines)))
    assert {"speech", "silence"} <= set(heard)
    assert heard[0] == "silence"
