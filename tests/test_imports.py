"""What an import may bring along: the static contracts cannot see imports inside functions."""

import subprocess
import sys

import pytest

HEAVY = {"textual", "rich", "aiohttp", "sounddevice", "soundfile", "soxr", "onnxruntime", "numpy"}


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
        ("import deeptone_tui.audio", {"numpy"}),
        ("import deeptone_tui.monitor.state", {"numpy"}),
        ("import deeptone_tui.endpoint", {"numpy"}),
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
