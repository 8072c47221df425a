"""Versions of libraries whose private names are used."""

import tomllib
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

import private_names
import pytest

from deeptone_tui import web
from deeptone_tui.cli import info, main
from deeptone_tui.core import libraries
from deeptone_tui.core.libraries import CHECKED, is_checked, limitations
from deeptone_tui.web import ExtraMissing, WebOptions, run_web


@pytest.fixture
def installed(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, str]]:
    """Versions that are said to be installed, by library; of the others the true ones."""
    versions: dict[str, str] = {}
    true = libraries.installed_version
    monkeypatch.setattr(
        libraries, "installed_version", lambda name: versions.get(name) or true(name)
    )
    monkeypatch.setattr(info, "installed_version", libraries.installed_version)
    monkeypatch.setattr(web, "installed_version", libraries.installed_version)
    is_checked.cache_clear()
    yield versions
    is_checked.cache_clear()


def test_what_is_installed_was_checked() -> None:
    """With the versions of the constraints nothing is missing."""
    assert limitations() == {}


@pytest.mark.parametrize("library", [*CHECKED, "numpy", "not-a-library"])
def test_a_version_is_that_of_the_metadata(library: str) -> None:
    """However it is found out."""
    try:
        true = metadata.version(library)
    except metadata.PackageNotFoundError:
        true = ""
    assert libraries.installed_version(library) == true


@pytest.mark.parametrize("library", CHECKED)
def test_another_version_is_not_used(library: str, installed: dict[str, str]) -> None:
    """From the first checked one up to the end, which is not in it."""
    first, end, missing = CHECKED[library]
    for version, used in ((first, True), (f"{first}rc1", True), (end, False), ("0.0.1", False)):
        installed[library] = version
        is_checked.cache_clear()
        assert is_checked(library) is used, version
    assert limitations() == {library: missing}


def test_a_browser_needs_the_checked_version(installed: dict[str, str]) -> None:
    """One line says which, and how to get it."""
    installed["textual-serve"] = "2.0"
    with pytest.raises(ExtraMissing, match=r"textual-serve 2\.0: pip install"):
        run_web(WebOptions())


def test_info_says_what_is_missing(
    installed: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    """Beside the version."""
    installed["aiohttp"] = "9.9"
    assert main(["info"]) == 0
    assert f"9.9, not checked: {CHECKED['aiohttp'].limitation}" in capsys.readouterr().out


def test_the_first_checked_version_is_the_least_that_is_installed() -> None:
    """As ``pyproject.toml`` asks for it."""
    text = (Path(__file__).parents[2] / "pyproject.toml").read_text("utf-8")
    project = tomllib.loads(text)["project"]
    wanted = [*project["dependencies"], *project["optional-dependencies"]["web"]]
    for library, (first, _, _) in CHECKED.items():
        assert any(
            each.startswith((f"{library}>={first}", f"{library}=={first}")) for each in wanted
        )


def test_private_names_stay_in_their_files() -> None:
    """One file a library."""
    assert private_names.found() == []
