"""What to type for a file that cannot be played as it is; the line works for that very file."""

import shlex
from pathlib import Path

from deeptone_tui.audio.containers import Container

_RAW = frozenset({".raw", ".pcm", ".s16", ".s16le", ".sw"})
_SLIN = {".sln": 8_000, ".sln8": 8_000, ".sln44": 44_100} | {
    f".sln{khz}": 1_000 * khz for khz in (12, 16, 24, 32, 48, 96, 192)
}
"""Asterisk's signed linear: the ending has the rate."""
_FFMPEG_RAW = (
    dict.fromkeys((".ulaw", ".ul", ".mulaw", ".mu", ".pcmu", ".u", ".g711u"), "-f mulaw -ar 8000")
    | dict.fromkeys((".alaw", ".al", ".pcma", ".a", ".g711a"), "-f alaw -ar 8000")
    | {".g722": "-f g722", ".gsm": "-f gsm", ".g729": "-f g729", ".g723": "-f g723_1"}
)
_SOX_RAW = {".vox": "-t vox -r 8000"}
_TO_WAV = "-ac 1 -ar 16000 OUT.wav"


def how_to_play(path: str, container: Container | None, reason: str) -> str:
    """Say what a file is not, and what to type instead.

    Args:
        path: As it was typed.
        container: What its first bytes say that it is; None where they say nothing.
        reason: Why it could not be decoded, in few words.
    """
    name, ending = _quoted(path), Path(path).suffix.casefold()
    if container is not None:
        return _of_container(path, name, container, reason)
    rate = 16_000 if ending in _RAW else _SLIN.get(ending)
    if rate is not None:
        return (
            f"{path} has no header to tell its format; raw 16-bit mono PCM goes in on stdin: "
            f"deeptone-tui - --sample-rate {rate} < {name}"
        )
    if ending in _FFMPEG_RAW or ending in _SOX_RAW:
        line = (
            f"ffmpeg {_FFMPEG_RAW[ending]} -i {name} {_TO_WAV}"
            if ending in _FFMPEG_RAW
            else f"sox {_SOX_RAW[ending]} {name} -r 16000 OUT.wav"
        )
        return f"{path} has no header to tell its format; convert it first: {line}"
    return (
        f"{path} is no audio file that can be read ({reason}); if it holds raw samples, say of "
        f"which format and rate: ffmpeg -f s16le -ar 16000 -i {name} {_TO_WAV}"
    )


def convert_line(path: str, form: str) -> str:
    """What converts a file that can be read in part only, whatever its header counts."""
    if form.startswith("WAV"):
        return f"sox --ignore-length {_quoted(path)} -r 16000 OUT.wav"
    return f"ffmpeg -i {_quoted(path)} {_TO_WAV}"


def _of_container(path: str, name: str, container: Container, reason: str) -> str:
    if not container.demuxer:
        return f"{path} is {container.name}, not audio; unpack it first"
    return (
        f"{path} is {container.name}, which cannot be read here ({reason}); with ffmpeg installed "
        f"it can be, or convert it first: ffmpeg -i {name} {_TO_WAV}"
    )


def _quoted(path: str) -> str:
    """A name as a shell and then a program take it: not for an option, nor for a protocol."""
    if not path.isprintable():
        return "IN"
    plain = path if path.startswith(("/", "./", "../", "~/")) else f"./{path}"
    if plain.startswith("~/"):
        return f"~/{shlex.quote(plain[2:])}"
    return shlex.quote(plain)
