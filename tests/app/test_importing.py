"""What the screen's packages bring along."""

import subprocess
import sys

import pytest


@pytest.mark.parametrize(
    ("module", "absent"),
    [
        ("deeptone_tui.app", {"textual", "rich", "aiohttp", "sounddevice", "soundfile", "soxr"}),
        (
            "deeptone_tui.app.run",
            {"aiohttp", "sounddevice", "soundfile", "soxr", "onnxruntime", "msgspec"},
        ),
    ],
)
def test_the_first_frame_waits_for_nothing_heavy(module: str, absent: set[str]) -> None:
    """Neither the package for Textual, nor the screen for network, audio or dialogs."""
    script = f"import sys, {module}\nprint(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    loaded = set(done.stdout.split())
    assert not loaded & absent
    assert "deeptone_tui.app.actions.dialogs" not in loaded
