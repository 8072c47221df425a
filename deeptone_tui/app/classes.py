"""The classes of the models on the screen: one tone and one name for each.

A tone is the name of a style; which colour it is, the theme says. The name goes with it
wherever it is shown, so that nothing is told by colour alone.
"""

from deeptone_tui.core.text import whole_number
from deeptone_tui.protocol import CATALOGUE, Answer

QUIET = "quiet"
"""Tone of answers that say that there is nothing to judge."""
UNSURE = "unsure"
"""Tone of answers that say that the model cannot tell."""
TONES = ("first", "second", "third", "fourth", "fifth", "sixth")
"""Tones of a model's own classes, in the order of the catalogue."""

_TONE_OF = {"silence": QUIET, "no_speech": QUIET, "unknown": UNSURE}


def name_of(answer: Answer | None) -> str:
    """The class in a word; empty where there is no answer.

    A speaker map answers with the speaker who is heard instead of a class.
    """
    if answer is None:
        return ""
    if answer.result is not None:
        return answer.result
    speaker = answer.extra.get("speaker_top")
    return speaker if isinstance(speaker, str) else ""


def tone_of(model: str, name: str) -> str:
    """The tone of a class of a model; classes that are not documented have one too."""
    if name in _TONE_OF:
        return _TONE_OF[name]
    known = CATALOGUE[model].classes if model in CATALOGUE else ()
    if name in known:
        return TONES[known.index(name)]
    number = whole_number(name.rpartition("_")[2])  # speaker_1, speaker_2, …
    return UNSURE if number is None else TONES[(number - 1) % len(TONES)]


def short_name(name: str) -> str:
    """A class as people say it: without underscores."""
    return name.replace("_", " ")
