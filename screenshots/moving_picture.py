"""The tour as a moving picture: one SVG with captions and keys, which a browser plays by itself."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final
from xml.sax.saxutils import escape

from picture import CELL_HEIGHT, FONTS, MARGIN, TITLE_BAR, drawn_rows, size_of, window
from support.terminals.terminal import Terminal

TITLE: Final = "deeptone-tui: find a threshold"
CAPTION_HEIGHT: Final = 44.0
RIGHT, ESCAPE = "\x1b[C", "\x1b"


@dataclass(frozen=True)
class Scene:
    """What is pressed and said in a part of the tour."""

    caption: str
    keys: str = ""
    """The keys as a reader knows them; empty if none are pressed."""
    press: tuple[str, ...] = ()
    """What is sent, with a frame after each."""
    pause_s: float = 0.35
    """Seconds from one of them to the next."""
    hold_s: float = 3.0
    """Seconds for which its last frame is shown."""
    waits_s: float = 1.0
    """Seconds until the last frame is taken."""
    until: str = ""
    """Text that stands on the screen then."""


TOUR: Final = (
    Scene("Level against threshold, and the last minute: what is silence is grey", hold_s=4.0),
    Scene("move the threshold; the history shows what it would silence", "→", (RIGHT,) * 7),
    Scene("suggests a threshold, and says what it would cost", "a", ("a",), until="confidence"),
    Scene("takes it: the endpoint applies it from here on", "enter", ("\r",), waits_s=4.0),
    Scene(
        "what every threshold would cost, in speech lost and noise passed", "t", ("t",), waits_s=9.0
    ),
    Scene("applies the threshold under the cursor", "enter", ("\r",), waits_s=3.0),
    Scene("the settings in force, as other programs take them", "x", ("x",), until="sox"),
    Scene("and back to the monitor", "esc", (ESCAPE,)),
)


@dataclass(frozen=True)
class Frame:
    """One picture of the film."""

    rows: list[str]
    """Drawn rows of the screen."""
    scene: Scene
    seconds: float


def film(session: Terminal) -> list[Frame]:
    """Go on the tour, and take the frames."""
    frames = []
    for scene in TOUR:
        for keys in scene.press:
            session.send(keys)
            session.pump(scene.pause_s)
            frames.append(Frame(drawn_rows(session.screen), scene, scene.pause_s))
        session.wait_for(scene.until, 120)
        session.pump(scene.waits_s)
        frames.append(Frame(drawn_rows(session.screen), scene, scene.hold_s))
    return frames


def write(session: Terminal, path: Path) -> None:
    """Go on the tour, and write it as a film strip that is moved on frame by frame."""
    frames = film(session)
    width, height = size_of(session.screen)
    rows = {row: f"r{n}" for n, row in enumerate(dict.fromkeys(r for f in frames for r in f.rows))}
    parts = window(width, height + CAPTION_HEIGHT, TITLE)
    parts += [
        f"<style>.film {{ animation: film {sum(f.seconds for f in frames):g}s step-end infinite }}",
        "@media (prefers-reduced-motion: reduce) { .film { animation: none } }",
        f"@keyframes film {{ {_keyframes(frames, width)} }}</style>",
        "<defs>",
        *(f'<g id="{name}">{row}</g>' for row, name in rows.items()),
        "</defs>",
        '<g class="film">',
    ]
    for number, frame in enumerate(frames):
        parts.append(f'<g transform="translate({number * width:g} 0)">')
        for row, drawn in enumerate(frame.rows):
            parts.append(f'<use href="#{rows[drawn]}" y="{TITLE_BAR + row * CELL_HEIGHT:g}"/>')
        parts += [*_caption(frame.scene, height), "</g>"]
    path.write_text("\n".join([*parts, "</g>", "</svg>", ""]))


def _keyframes(frames: list[Frame], width: float) -> str:
    """When the strip moves on to each frame, as shares of the film."""
    whole, passed, moves = sum(frame.seconds for frame in frames), 0.0, []
    for number, frame in enumerate(frames):
        moves.append(f"{passed / whole:.3%} {{ transform: translateX({-number * width:g}px) }}")
        passed += frame.seconds
    return " ".join(moves)


def _caption(scene: Scene, top: float) -> list[str]:
    """The key, as on a keyboard, and what it does."""
    left, base = MARGIN, top + CAPTION_HEIGHT / 2
    parts = []
    if scene.keys:
        wide = 18.0 + 10.0 * len(scene.keys)
        place = f'x="{left:g}" y="{base - 16:g}" width="{wide:g}" height="26"'
        middle = f'x="{left + wide / 2:g}" y="{base + 3:g}" text-anchor="middle"'
        parts.append(f'<rect {place} rx="5" fill="#2a3140" stroke="#7c8594"/>')
        parts.append(f'<text {middle} fill="#ffffff">{escape(scene.keys)}</text>')
        left += wide + 12.0
    caption = f'<text x="{left:g}" y="{base + 3:g}" fill="#d6dbe5" font-size="16"'
    sans = FONTS.replace("ui-monospace", "system-ui, sans-serif, ui-monospace")
    return [*parts, f'{caption} font-family="{sans}">{escape(scene.caption)}</text>']
