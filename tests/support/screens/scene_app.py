"""The app on a scene, as a program of its own: ``python tests/support/screens/scene_app.py``."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from support.screens.prepared_monitor import ScenePlayer

from deeptone_tui.app.run import show
from deeptone_tui.app.settings import ScreenSettings
from deeptone_tui.settings.options import Options

if __name__ == "__main__":
    monitor = ScenePlayer()
    monitor.advance(1200)
    _, lines = show(monitor, ScreenSettings(options=Options(theme="deeptone-dark")))
    sys.stdout.write(lines[0])
