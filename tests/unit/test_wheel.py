"""What `make dist` builds: it installs by itself, and its texts have the version."""

import hashlib
import json
import tomllib
import zipfile
from email import message_from_string
from email.message import Message
from pathlib import Path

import pytest

from localstack_init.build import PROJECT
from localstack_init.site import BESIDE
from release.notes import notes
from release.sbom import wheel_in
from tests.wheel import Installed, make_dist

SAMPLE = PROJECT / "samples" / "flower.jpg"


@pytest.fixture(scope="module")
def dist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder that `make dist` has filled."""
    folder = tmp_path_factory.mktemp("dist")
    make_dist(folder)
    return folder


@pytest.fixture(scope="module")
def darkroom(dist: Path, tmp_path_factory: pytest.TempPathFactory) -> Installed:
    """Return the program of the wheel."""
    return Installed.of(wheel_in(dist / "darkroom")[0], tmp_path_factory.mktemp("installed"))


def metadata(wheel: Path) -> Message:
    """Return the metadata of a wheel."""
    with zipfile.ZipFile(wheel) as file:
        (name,) = (each for each in file.namelist() if each.endswith(".dist-info/METADATA"))
        return message_from_string(file.read(name).decode())


def test_content(dist: Path) -> None:
    """The wheel holds three packages, its license, and no program of the development."""
    wheel, version = wheel_in(dist / "darkroom")
    with zipfile.ZipFile(wheel) as file:
        names = file.namelist()
    information = f"darkroom-{version}.dist-info"
    assert {name.partition("/")[0] for name in names} == {
        "darkroom", "localstack_init", "processor", information,
    }  # fmt: skip
    assert f"{information}/licenses/LICENSE" in names
    assert not [name for name in names if "__pycache__" in name]


def test_bundled_files() -> None:
    """Files of the checkout are at the same paths in the wheel, with those that a stack serves."""
    configuration = tomllib.loads((PROJECT / "pyproject.toml").read_text())
    wheel = configuration["tool"]["hatch"]["build"]["targets"]["wheel"]
    bundled = wheel["force-include"]
    assert bundled == {path: f"localstack_init/bundled/{path}" for path in bundled}
    assert {path.relative_to(PROJECT).as_posix() for path in BESIDE} < set(bundled)


def test_uv_is_an_extra(dist: Path) -> None:
    """A plain installation has no uv, which is larger than all the rest."""
    required = metadata(wheel_in(dist / "darkroom")[0]).get_all("Requires-Dist", [])
    assert [each for each in required if each.startswith("uv")] == ["uv>=0.9; extra == 'deploy'"]


def test_the_layer_is_a_part() -> None:
    """The wheel requires the packages of the layer, in the same versions."""
    document = tomllib.loads((PROJECT / "pyproject.toml").read_text())
    assert set(document["dependency-groups"]["layer"]) < set(document["project"]["dependencies"])


@pytest.mark.parametrize("name", ["darkroom", "emulator"])
def test_bill_of_materials(dist: Path, name: str) -> None:
    """It names the wheel by version and digest, and each package by its locked version."""
    wheel, version = wheel_in(dist / name)
    document = json.loads((dist / f"{name}.cdx.json").read_text())
    subject = document["metadata"]["component"]
    assert subject["version"] == version
    (digest,) = (each["content"] for each in subject["hashes"])
    assert digest == hashlib.sha256(wheel.read_bytes()).hexdigest()
    components = {each["name"]: each["version"] for each in document["components"]}
    lock = tomllib.loads((PROJECT / ("" if name == "darkroom" else name) / "uv.lock").read_text())
    locked = {(each["name"], each.get("version")) for each in lock["package"]}
    assert "pillow" in components
    assert components.items() <= locked


def test_version(dist: Path, darkroom: Installed) -> None:
    """The program prints the wheel's version."""
    assert darkroom.output("--version") == f"darkroom {wheel_in(dist / 'darkroom')[1]}\n"


def test_recipes(darkroom: Installed) -> None:
    """The recipes of the pipeline are listed, and the schema is the documented one."""
    assert "thumb" in darkroom.output("recipes")
    (documented,) = (path for path in BESIDE if path.name == "recipe.schema.json")
    assert darkroom.output("recipes", "--schema") == documented.read_text()


def test_render(darkroom: Installed) -> None:
    """An image is rendered."""
    assert "630×800" in darkroom.output("render", SAMPLE, "--out", "out")
    names = {file.name for file in (darkroom.folder / "out").rglob("*.*")}
    assert names >= {"preview.webp", "thumb.webp", "web.jpg"}


@pytest.mark.nightly
def test_contact_sheet(darkroom: Installed) -> None:
    """The contact sheet of the sample photograph is made."""
    darkroom.output("contact-sheet", "--out", "sheet")
    assert (darkroom.folder / "sheet" / "README.md").stat().st_size
    assert len(list((darkroom.folder / "sheet").iterdir())) > 50


def test_a_command_of_a_checkout(darkroom: Installed) -> None:
    """A command that needs a checkout says so, and what to do."""
    done = darkroom.run("up")
    assert done.returncode == 1
    assert "`darkroom up` needs a checkout" in done.stderr
    assert "run `make up` in it" in done.stderr
    assert "Traceback" not in done.stderr


def test_building_the_layer_without_uv(
    darkroom: Installed, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The error names the extra that brings uv."""
    monkeypatch.setenv("PATH", str(tmp_path))
    done = darkroom.run("build")
    assert done.returncode == 1
    assert "darkroom[deploy]" in done.stderr


@pytest.fixture
def released(tmp_path: Path) -> Path:
    """Return a project with wheels and changelogs of two projects."""
    for folder, name in ((".", "darkroom"), ("emulator", "emulator")):
        (tmp_path / "dist" / name).mkdir(parents=True)
        (tmp_path / "dist" / name / f"{name}-1.2.3-py3-none-any.whl").touch()
        (tmp_path / folder).mkdir(exist_ok=True)
        (tmp_path / folder / "CHANGELOG.md").write_text(
            f"# Changelog\n\n## [Unreleased]\n\n## [1.2.3] - 2026-01-31\n\n### Added\n\n- {name}.\n"
            "\n## [1.2.2] - 2026-01-01\n\n- Before.\n\n[1.2.3]: https://example.org\n"
        )
    return tmp_path


@pytest.mark.parametrize(("tag", "name"), [("v1.2.3", "darkroom"), ("emulator-v1.2.3", "emulator")])
def test_notes(released: Path, tag: str, name: str) -> None:
    """The notes of a release are its section of the project's changelog."""
    assert notes(tag, released / "dist", released) == f"### Added\n\n- {name}.\n"


@pytest.mark.parametrize(
    ("tag", "reason"),
    [
        ("1.2.3", "is no tag of a release"),
        ("v1.2.4", "not of the version"),
        ("emulator-v1.2.2", "not of the version"),
    ],
)
def test_tags_that_cannot_be_released(released: Path, tag: str, reason: str) -> None:
    """A tag of another form, or of another version than the wheel's, is rejected."""
    with pytest.raises(ValueError, match=reason):
        notes(tag, released / "dist", released)


def test_a_release_without_notes(released: Path) -> None:
    """A version that the changelog does not name is rejected."""
    (released / "CHANGELOG.md").write_text("# Changelog\n\n## [1.2.3] (unreleased)\n")
    with pytest.raises(ValueError, match=r"has no section `## \[1.2.3\] - YYYY-MM-DD`"):
        notes("v1.2.3", released / "dist", released)
