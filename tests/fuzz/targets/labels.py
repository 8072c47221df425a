"""Files of labels for `tune`."""

import contextlib
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Final

from deeptone_tui.archive.recordings import LABEL_ENDINGS, LabelError, read_labels
from fuzz.mutation import mutated, number, words
from fuzz.target import Judge, Target, fit_for_a_terminal

SEEDS: Final = (
    b"0.5,1.5\n2,3\n",
    "\ufeffstart,end,label\n0.5,1.5,anna\n2.0,3.0,speech\n4,5,noise\n".encode(),
    b"0.500000\t1.500000\tanna\n\n2.0\t3.0\t\n",
    b"# by hand\n0.5;1.5;speech\n2;3\n",
    b";; x\nSPEAKER a 1 0.5 1.0 <NA> <NA> anna <NA> <NA>\nNOSCORE a 1 2.0 1.0 <NA> <NA> <NA>\n",
)


@dataclass(frozen=True, slots=True)
class _File:
    ending: str
    content: bytes


def _made(random: Random) -> _File:
    ending = random.choice(LABEL_ENDINGS)
    if random.random() < 0.5:
        return _File(ending, mutated(random, SEEDS))
    lines = (f"{number(random)},{number(random)},{words(random)}" for _ in range(5))
    return _File(ending, "\n".join(lines).encode("utf-8", "surrogatepass"))


@contextlib.contextmanager
def _opened() -> Iterator[Judge]:
    with tempfile.TemporaryDirectory() as folder:

        def judged(file: _File) -> None:
            place = Path(folder, f"a{file.ending}")
            place.write_bytes(file.content)
            try:
                segments = read_labels(place, "a")
            except LabelError as error:
                fit_for_a_terminal(str(error))
            else:
                assert all(0 <= each.start <= each.end < 1e9 for each in segments)

        yield judged


LABELS: Final = Target("labels", _made, _opened)
