"""Recordings out of Debian's and PyPI's packages, into a folder that is kept.

Nothing is installed: packages are downloaded, checked by apt and pip, and unpacked. The folder is
``DEEPTONE_BENCH`` or ``~/.cache/deeptone-bench``.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

AUDITOK = "auditok==0.5.2"
"""The one peer that is taken as it is, from PyPI."""


def folder() -> Path:
    """Where everything is kept."""
    named = os.environ.get("DEEPTONE_BENCH")
    return Path(named) if named else Path.home() / ".cache" / "deeptone-bench"


def package(name: str) -> Path:
    """The folder of an unpacked Debian package, downloaded if need be.

    Raises:
        SystemExit: in one line, when it cannot be had.
    """
    target = folder() / "unpacked" / name
    if target.is_dir():
        return target
    archives = folder() / "archives"
    archives.mkdir(parents=True, exist_ok=True)
    archive = next(archives.glob(f"{name}_*.deb"), None)
    if archive is None:
        _run(["apt-get", "download", name], archives, name)
        archive = next(archives.glob(f"{name}_*.deb"))
    half = target.with_name(f"{name}.part")
    shutil.rmtree(half, ignore_errors=True)
    half.parent.mkdir(parents=True, exist_ok=True)
    _run(["dpkg-deb", "-x", str(archive), str(half)], archives, name)
    return half.rename(target)


def auditok_wheel() -> Path:
    """The wheel of `AUDITOK`, which Python can import from as it is.

    Raises:
        SystemExit: in one line, when it cannot be had.
    """
    wheels = folder() / "wheels"
    wheels.mkdir(parents=True, exist_ok=True)
    if not any(wheels.glob("auditok-0.5.2-*.whl")):
        _run([sys.executable, "-m", "pip", "download", "-q", "--no-deps", AUDITOK], wheels, AUDITOK)
    return next(wheels.glob("auditok-0.5.2-*.whl"))


def _run(command: list[str], where: Path, what: str) -> None:
    try:
        done = subprocess.run(command, cwd=where, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        raise SystemExit(f"{what} cannot be had: this system has no {command[0]}") from None
    if done.returncode:
        lines = (done.stderr or done.stdout).strip().splitlines()
        raise SystemExit(f"{what} cannot be had: {lines[-1] if lines else command[0] + ' failed'}")
