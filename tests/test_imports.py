"""What an import may bring along: the static contracts cannot see imports inside functions."""

import subprocess
import sys
from pathlib import Path

import pytest
from support.terminals.terminal import terminal

HEAVY = {"textual", "rich", "aiohttp", "sounddevice", "soundfile", "soxr", "onnxruntime", "numpy"}

BEFORE_THE_SCREEN = {"app", "cli", "core", "protocol", "settings", "terminal"}
"""Rooms of which the first frame may have loaded anything."""
BEHIND_THE_SCREEN = {
    *("audio", "audio.devices", "audio.native_stderr", "audio.probe", "audio.source"),
    *("monitor", "monitor.handover", "monitor.monitor", "monitor.state"),
    *("session", "session.failures", "session.target", "session.timing"),
    *("endpoint", "endpoint.child", "endpoint.options"),
}
"""What it may have loaded of the other rooms."""


def modules_after(code: str) -> set[str]:
    """Top-level packages in ``sys.modules`` of a fresh interpreter after running the code."""
    script = f"{code}\nimport sys\nprint(*sorted({{m.partition('.')[0] for m in sys.modules}}))"
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    return set(done.stdout.splitlines()[-1].split())


@pytest.mark.parametrize(
    ("code", "allowed"),
    [
        ("import deeptone_tui", set()),
        ("import deeptone_tui.cli", set()),
        ("import deeptone_tui.protocol", set()),
        ("import deeptone_tui.dsp", {"numpy"}),
        ("import deeptone_tui.audio", set()),
        ("import deeptone_tui.monitor", set()),
        ("import deeptone_tui.endpoint", set()),
        ("import deeptone_tui.recording", {"numpy"}),
        ("import deeptone_tui.replay", {"numpy"}),
    ],
)
def test_an_import_brings_only_what_it_needs(code: str, allowed: set[str]) -> None:
    """Heavy packages are imported where they are used, not before."""
    assert modules_after(code) & HEAVY <= allowed


@pytest.mark.parametrize(
    "arguments", [["--version"], ["--help"], ["devices", "--json"], ["info", "--json"]]
)
def test_commands_without_a_screen_never_import_textual(arguments: list[str]) -> None:
    """The light commands stay light, and work on a machine without a terminal."""
    code = (
        "import contextlib, io, sys\n"
        "from deeptone_tui.cli import main\n"
        f"sys.argv = ['deeptone-tui', *{arguments!r}]\n"
        "with contextlib.redirect_stdout(io.StringIO()), contextlib.suppress(SystemExit):\n"
        "    main()\n"
    )
    assert not modules_after(code) & {"textual", "rich"}


@pytest.mark.realtime
def test_the_first_frame_loads_only_what_it_shows(tmp_path: Path) -> None:
    """The rest is loaded when the monitor starts, which is after the first frame."""
    loaded = tmp_path / "loaded"
    code = (
        "import os, sys, pathlib\n"
        "from deeptone_tui.cli import main\n"
        "from deeptone_tui.monitor import Monitor\n"
        "def start(monitor):\n"
        f"    pathlib.Path({str(loaded)!r}).write_text(' '.join(sys.modules))\n"
        "    os._exit(0)\n"
        "Monitor.start = start\n"
        "main(['demo'])\n"
    )
    with terminal([sys.executable, "-c", code], env={"XDG_STATE_HOME": str(tmp_path)}) as screen:
        assert screen.wait_for_exit(60) == 0
        assert "Level" in screen.text
    modules = loaded.read_text().split()
    assert not {name.partition(".")[0] for name in modules} & (HEAVY - {"textual", "rich"})
    own = {name.partition(".")[2] for name in modules if name.startswith("deeptone_tui.")}
    assert {
        name for name in own if name.split(".")[0] not in BEFORE_THE_SCREEN
    } == BEHIND_THE_SCREEN


def test_onnxruntime_is_silenced_before_it_is_imported() -> None:
    """Whatever the environment says: afterwards is too late (tests/system sees what it does)."""
    code = (
        "import os, sys\n"
        "class Watch:\n"
        "    def find_spec(self, name, *_):\n"
        "        if name == 'onnxruntime': print(os.environ['ORT_DISABLE_TELEMETRY'])\n"
        "os.environ['ORT_DISABLE_TELEMETRY'] = '0'\n"
        "sys.meta_path.insert(0, Watch())\n"
        "from deeptone_tui.endpoint.engine.networks import load_networks\n"
        "load_networks()\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["1"]
