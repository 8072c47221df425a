"""The two ways of keeping the terminal for the screen, under the real Textual driver."""

import shlex
import sys
from pathlib import Path

from support.sources.sounds import noise
from support.terminals.terminal import terminal

APP = """
import ctypes, sys
from pathlib import Path
from textual.app import App
from textual.widgets import Label
from deeptone_tui.audio.native_stderr import native_stderr_silenced, redirect_native_stderr
from deeptone_tui.cli.terminal import keys_from_terminal

libc = ctypes.CDLL(None)

class Screen(App):
    BINDINGS = [("n", "make_noise", ""), ("q", "quit", "")]
    label = Label("quiet")

    def compose(self):
        yield self.label

    def action_make_noise(self):
        libc.write(2, b"ALSA lib noise", 14)
        with native_stderr_silenced():
            self.label.update("noise was made")

with keys_from_terminal(), redirect_native_stderr(Path(sys.argv[1])):
    Screen().run()
print("left")
"""


def test_textual_draws_and_reads_keys_beside_noise_and_piped_audio(tmp_path: Path) -> None:
    """Audio on stdin, a C library on stderr: the screen shows the app alone and obeys keys."""
    raw, log = tmp_path / "noise.raw", tmp_path / "native.log"
    raw.write_bytes(noise(50_000).tobytes())
    python = shlex.join([sys.executable, "-c", APP, str(log)])
    with terminal(["sh", "-c", f"cat {shlex.quote(str(raw))} | {python}"]) as session:
        session.wait_for("quiet")
        session.send("n")
        session.wait_for("noise was made")
        assert "ALSA" not in session.text
        session.send("q")
        session.wait_for("left")
    assert log.read_text() == "ALSA lib noise"
