"""The paths of the program's files on each system; no function creates anything."""

from pathlib import Path

from platformdirs import user_config_path, user_state_path

_NAME = "deeptone-tui"


def configuration_file() -> Path:
    """Return the path of the user's configuration.

    On Linux it is ``~/.config/deeptone-tui/config.toml``.
    """
    return user_config_path(_NAME, appauthor=False) / "config.toml"


def state_folder() -> Path:
    """Return the folder of the program's own files: ``~/.local/state/deeptone-tui`` on Linux."""
    return user_state_path(_NAME, appauthor=False)


def preferences_file() -> Path:
    """Return the path of the file with the last run's choices: device, theme, span."""
    return state_folder() / "preferences.json"


def copied_file() -> Path:
    """Return the path of the file with the last copied text, for terminals without a clipboard."""
    return state_folder() / "copied.txt"
