"""Where the program keeps its files, on each system; nothing is created by asking."""

from pathlib import Path

from platformdirs import user_config_path, user_state_path

_NAME = "deeptone-tui"


def configuration_file() -> Path:
    """The configuration, written by people: ``~/.config/deeptone-tui/config.toml`` on Linux."""
    return user_config_path(_NAME, appauthor=False) / "config.toml"


def state_folder() -> Path:
    """What the program writes for itself: ``~/.local/state/deeptone-tui`` on Linux."""
    return user_state_path(_NAME, appauthor=False)


def preferences_file() -> Path:
    """The choices of the last run: device, theme, span."""
    return state_folder() / "preferences.json"


def copied_file() -> Path:
    """The text copied last, for terminals without a clipboard."""
    return state_folder() / "copied.txt"
