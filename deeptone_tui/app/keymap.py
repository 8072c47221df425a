"""The user's key map: from action names and keys in the configuration to bindings.

An action's name is the id of its binding, so Textual's own key map does the rest.
"""

import string
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from textual.binding import Binding
from textual.keys import KEY_NAME_REPLACEMENTS, Keys, format_key

from deeptone_tui.core.text import nearest

KeyMap = Mapping[str, tuple[str, ...]]
"""Keys in Textual's spelling, by action name; only actions that the user rebound."""


class KeyMapError(ValueError):
    """An invalid key map: one line with the action or the key, and what was probably meant."""


_MODIFIERS: Final = frozenset({"ctrl", "shift", "alt", "super"})
_NAMED: Final = frozenset(
    key.value for key in Keys if "+" not in key.value and "<" not in key.value
) | {"space", "pageup", "pagedown"}
_SAME: Final = {"ctrl+i": "tab", "ctrl+m": "enter", "ctrl+left_square_bracket": "escape"}
"""Keys that a terminal cannot distinguish from others, and those others."""
_PROGRAM: Final = {"ctrl+c": "quit", "ctrl+q": "quit", "ctrl+z": "suspend", "ctrl+p": "palette"}
"""Reserved keys outside the table of bindings, and their actions."""
_WORDS: Final = {"esc": "escape", "return": "enter", "pgup": "pageup", "pgdn": "pagedown"}
"""Other common names of keys."""


def read_keymap(given: Mapping[str, Sequence[str]], bindings: Sequence[Binding]) -> KeyMap:
    """Read and check the key map of the configuration.

    Args:
        given: keys by action name, as the user wrote them.
        bindings: the program's table; the ids are the action names.

    Raises:
        KeyMapError: for an unknown action or key, and for two actions bound to one key.
    """
    usual = {binding.id: binding.key.split(",") for binding in bindings if binding.id}
    for name in given:
        if name not in usual:
            raise KeyMapError(f"keys: there is no action {name!r}{_nearest(name, usual)}")
    keymap = {
        name: tuple(dict.fromkeys(_read_key(name, key) for key in keys))
        for name, keys in given.items()
    }
    _check_clashes(keymap, usual)
    return keymap


def _check_clashes(keymap: KeyMap, usual: Mapping[str, Sequence[str]]) -> None:
    """Raise KeyMapError if two actions are bound to one key."""
    owners = dict(_PROGRAM)
    for name, keys in {**usual, **keymap}.items():
        for key in keys:
            owner = owners.setdefault(key, name)
            if owner != name:
                raise KeyMapError(f"keys: {_written(key)} is both {owner} and {name}")


def _read_key(name: str, text: str) -> str:
    """Return a key in Textual's spelling.

    Raises:
        KeyMapError: if there is no such key.
    """
    *modifiers, base = text.strip().split("+") if len(text.strip()) > 1 else [text.strip()]
    modifiers = [modifier.lower() for modifier in modifiers]
    if modifiers == ["shift"] and len(base) == 1 and base.isalpha():
        modifiers, base = [], base.upper()
    if len(base) == 1:
        base = base.lower() if modifiers else base
        key = base if base.isalnum() else _name_of_sign(base)
    else:
        key = _WORDS.get(base.lower(), base.lower())
    known = _NAMED | {_name_of_sign(sign) for sign in string.punctuation}
    if not key or (len(base) != 1 and key not in known) or not _MODIFIERS.issuperset(modifiers):
        near = nearest(base, known)
        meant = f"did you mean {near}?" if near else "keys are b, B, ?, ctrl+x, f5, space and such"
        raise KeyMapError(f"keys.{name}: there is no key {text!r}; {meant}")
    spelled = "+".join([*sorted(modifiers), key])
    return _SAME.get(spelled, spelled)


def _name_of_sign(sign: str) -> str:
    """Return Textual's name for the key of a character; empty if it has none."""
    name = unicodedata.name(sign, "").lower().replace("-", "_").replace(" ", "_")
    return KEY_NAME_REPLACEMENTS.get(name, name)


def _written(key: str) -> str:
    """Return a key as users write it."""
    signs = {_name_of_sign(sign): sign for sign in string.punctuation}
    *modifiers, base = key.split("+")
    return "+".join([*modifiers, signs.get(base, base)])


def _nearest(given: str, known: Iterable[str]) -> str:
    names = sorted(known)
    near = nearest(given, names)
    return f"; did you mean {near}?" if near else f"; there are {', '.join(names)}"


def rebound(bindings: Iterable[Binding], keymap: KeyMap) -> list[Binding]:
    """Return the bindings with the user's keys in place of the defaults."""
    return [
        binding.with_key(",".join(keymap[binding.id]), None)
        if binding.id is not None and binding.id in keymap
        else binding
        for binding in bindings
    ]


def shown(key: str) -> str:
    """Return a key as the screen shows it: the first of several, as a word or a symbol."""
    *modifiers, base = key.split(",", maxsplit=1)[0].split("+")
    return "+".join([*modifiers, base if base in _IN_WORDS else format_key(base)])


_IN_WORDS: Final = frozenset({"enter", "backspace"})
"""Keys shown by their names, as not every terminal has Textual's signs for them."""
