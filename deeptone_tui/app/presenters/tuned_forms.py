"""The tuned settings as the export screen lists them: name, text and note of each form."""

from dataclasses import dataclass

from deeptone_tui.core.address import PLACEHOLDER
from deeptone_tui.settings.export import ExportSettings
from deeptone_tui.settings.profiles import profile_text

_SERVE = (
    "The endpoint of this program ends with it. The address is that of the one that stays:"
    " start 'deeptone-tui serve'."
)
_OWN_STARTED = "local: deeptone-tui starts its own endpoint."


@dataclass(frozen=True, slots=True)
class Form:
    """One export form of the settings."""

    name: str
    """Name in the list."""
    detail: str
    """Purpose in a few words."""
    text: str
    """The text to copy or save, without a newline at its end."""
    note: str
    """Advice to follow before use; may be empty."""
    file_name: str
    """Proposed name of the file."""


def forms_of(tuned: ExportSettings, profile: str) -> tuple[Form, ...]:
    """Return every form, in the order of the list.

    Args:
        tuned: the settings.
        profile: name of the profile to write.
    """
    options = tuned.options()
    return (
        Form(
            "sox line",
            "microphone to websocat, in a shell",
            tuned.shell_line,
            _shell_note(tuned),
            "deeptone.sh",
        ),
        Form("URL", "endpoint and query", tuned.full_url, _url_note(tuned), "deeptone-url.txt"),
        Form("Query", "what follows the ? of any endpoint", tuned.query, "", "deeptone-query.txt"),
        Form(
            "Python",
            "for the documentation's scripts",
            tuned.python_line,
            _python_note(tuned),
            "deeptone.py",
        ),
        Form(
            "Environment",
            "for deeptone-tui, in a shell",
            tuned.environment_lines,
            _environment_note(tuned),
            "deeptone.env",
        ),
        Form(
            "Profile",
            "for deeptone-tui's configuration",
            profile_text(profile, options).rstrip("\n"),
            _profile_note(tuned),
            "deeptone.toml",
        ),
    )


def _url_note(tuned: ExportSettings) -> str:
    if tuned.url is None:
        return _SERVE
    return _placeholder_note(tuned.address)


def _placeholder_note(text: str) -> str:
    return f"Put your key in the place of {PLACEHOLDER}." if PLACEHOLDER in text else ""


def _shell_note(tuned: ExportSettings) -> str:
    notes = [_SERVE] if tuned.url is None else []
    if "AUDIODEV=" in tuned.shell_line:
        notes.append(f"AUDIODEV is how sox calls {tuned.device}.")
    elif not tuned.sox_hears_the_device:
        notes.append(f"sox listens to the default input: make that {tuned.device}.")
    else:
        notes.append("sox listens to the default input.")
    notes.append(_placeholder_note(tuned.shell_line))
    return " ".join(filter(None, notes))


def _python_note(tuned: ExportSettings) -> str:
    notes = [_SERVE] if tuned.url is None else []
    if tuned.needs_key:
        notes.append("API_KEY is set at the top of the scripts.")
    return " ".join(notes)


def _environment_note(tuned: ExportSettings) -> str:
    notes = [_OWN_STARTED] if tuned.url is None else []
    notes.append(_placeholder_note(tuned.environment_lines))
    return " ".join(filter(None, notes))


def _profile_note(tuned: ExportSettings) -> str:
    notes = [_OWN_STARTED] if tuned.url is None else []
    if tuned.options().url is None:
        notes.append("An address that holds a secret is left out of it: set DEEPTONE_URL.")
    use = "with the device" if tuned.device else "by --profile"
    notes.append(f"p writes it; it is loaded {use}, and keys stay out of it.")
    return " ".join(notes)
