"""The engine on the command line, without a cloud."""

import json
from collections.abc import Callable
from pathlib import Path
from unittest.mock import Mock

import pytest
from PIL import Image
from typer.testing import CliRunner, Result

from darkroom.cli import app
from darkroom.cloud import Cloud
from darkroom.commands.common import UsageError
from darkroom.engine import recipe_files, rendering
from darkroom.engine.recipe_files import RecipeError
from darkroom.engine.rendering import OutputError
from localstack_init.deploy import TEMPLATE
from processor.images import Encoded, load_recipes
from tests.unit.processor.images.sample_images import (
    decoded,
    encoded,
    quarters,
)

TINY = {"name": "tiny", "resize": {"width": 20}, "output": {"format": "png"}}
ONE = {"renditions": [TINY], "analysis": False}
SEVERAL = {"a": ONE, "b": {"renditions": [{**TINY, "name": "other"}]}}


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    """Give a picture of four colors."""
    return written(tmp_path / "in" / "four.png", encoded(quarters(), "PNG"))


@pytest.fixture
def out(tmp_path: Path) -> Path:
    """Give a folder that is not there yet."""
    return tmp_path / "deep" / "out"


@pytest.fixture
def recipes(tmp_path: Path) -> Callable[[object], Path]:
    """Give a recipe file of this content."""
    return lambda content: written(tmp_path / "mine.json", json.dumps(content).encode())


def written(file: Path, content: bytes) -> Path:
    """A file of this content, in a folder that is made for it."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content)
    return file


def run(*arguments: object) -> Result:
    """Run a command; what it raises for a person to read is raised here as well."""
    result = CliRunner().invoke(app, [str(each) for each in arguments])
    if isinstance(result.exception, UsageError | RecipeError | OutputError):
        raise result.exception
    return result


def files(folder: Path) -> set[str]:
    """All files in a folder and below, relative to it."""
    found = folder.rglob("*") if folder.exists() else ()
    return {str(file.relative_to(folder)) for file in found if file.is_file()}


def test_the_default_recipe(photo: Path, out: Path) -> None:
    """Without --recipe, the renditions are those that the pipeline makes of any upload."""
    result = run("render", photo, "--out", out)
    assert result.exit_code == 0
    assert files(out) == {f"four.png/{name}" for name in ("thumb.webp", "preview.webp", "web.jpg")}
    assert "120×80" in result.stdout


@pytest.mark.parametrize("name", load_recipes())
def test_shipped_recipes_can_be_rendered(name: str, photo: Path, out: Path) -> None:
    """Each works as it is, with the pictures that it lays over others."""
    assert run("render", photo, "--recipe", name, "--out", out).exit_code == 0
    shipped = load_recipes()[name].renditions
    assert len(files(out)) == sum(len(each.densities) for each in shipped)


def test_a_file_of_one_recipe(photo: Path, out: Path, recipes: Callable[[object], Path]) -> None:
    """A file may be a recipe itself."""
    run("render", photo, "--recipe", recipes(ONE), "--out", out)
    assert decoded((out / "four.png" / "tiny.png").read_bytes()).size == (20, 13)


@pytest.mark.parametrize(
    ("content", "suffix", "made"),
    [
        ({"only": ONE}, "", "tiny.png"),
        ({**SEVERAL, "default": ONE}, "", "tiny.png"),
        (SEVERAL, "#b", "other.png"),
    ],
)
def test_a_file_of_several_recipes(
    content: object,
    suffix: str,
    made: str,
    photo: Path,
    out: Path,
    recipes: Callable[[object], Path],
) -> None:
    """One is taken by its name, or as the only one, or as the default."""
    run("render", photo, "--recipe", f"{recipes(content)}{suffix}", "--out", out)
    assert files(out) == {f"four.png/{made}"}


@pytest.mark.parametrize(
    ("content", "suffix", "message"),
    [
        (SEVERAL, "", "several recipes: a, b. Choose one, as in .*#a"),
        (SEVERAL, "#c", "has no recipe 'c'. It has: a, b"),
        (ONE, "#c", "leave out #c"),
        ({}, "", "holds no recipe"),
        ({"renditions": [{**TINY, "blurr": 2}]}, "", r"blurr.*at `\$.renditions.*`blur`"),
        ({"x": {"renditions": [{**TINY, "median": 4}]}}, "", "median.*allowed: 3, 5, 7, 9"),
        ([], "", "Expected `object`"),
    ],
)
def test_recipes_that_are_not_there_or_not_valid(
    content: object,
    suffix: str,
    message: str,
    photo: Path,
    out: Path,
    recipes: Callable[[object], Path],
) -> None:
    """The message says where it is wrong and what there is; nothing is written."""
    with pytest.raises(RecipeError, match=message):
        run("render", photo, "--recipe", f"{recipes(content)}{suffix}", "--out", out)
    assert not out.exists()


@pytest.mark.parametrize("content", [b"{", b"\xff", b"[" * 100_000])
def test_a_recipe_file_that_is_not_json(content: bytes, tmp_path: Path) -> None:
    """The file is named."""
    with pytest.raises(RecipeError, match=r"broken\.json is not JSON"):
        recipe_files.find(str(written(tmp_path / "broken.json", content)))


def test_an_unknown_recipe(photo: Path, out: Path) -> None:
    """The names that there are stand in the message."""
    with pytest.raises(RecipeError, match=r"no recipe 'avatars'.*avatar, default"):
        run("render", photo, "--recipe", "avatars", "--out", out)


@pytest.mark.parametrize("folder", ["", "assets"])
def test_a_mark_lies_beside_the_recipe(
    folder: str, photo: Path, out: Path, tmp_path: Path, recipes: Callable[[object], Path]
) -> None:
    """Image watermarks are read from the recipe file's folder, or from assets in it."""
    written(tmp_path / folder / "mark.png", encoded(Image.new("RGB", (4, 4), "black"), "PNG"))
    marked = {**TINY, "watermark": {"image": "mark.png", "position": "center", "opacity": 1}}
    run("render", photo, "--recipe", recipes({"renditions": [marked]}), "--out", out)
    image = decoded((out / "four.png" / "tiny.png").read_bytes()).convert("RGB")
    assert image.getpixel((10, 6)) == (0, 0, 0)


@pytest.mark.parametrize("name", ["raw:mark.png", "../mark.png", "lost.png"])
def test_a_mark_that_cannot_be_read(
    name: str, photo: Path, out: Path, tmp_path: Path, recipes: Callable[[object], Path]
) -> None:
    """Pictures in buckets and outside the folder are none; the photograph fails with the name."""
    written(tmp_path.parent / "mark.png", b"")
    marked = {**TINY, "watermark": {"image": name}}
    result = run("render", photo, "--recipe", recipes({"renditions": [marked]}), "--out", out)
    assert result.exit_code == 1
    assert "missing-watermark" in result.stdout
    assert name in result.stderr
    assert not files(out)


def test_a_bad_file_does_not_stop_the_others(photo: Path, out: Path, tmp_path: Path) -> None:
    """It is in the table with its reason, leaves nothing behind, and makes the exit code 1."""
    bad = written(tmp_path / "bad.jpg", b"no picture")
    empty = written(tmp_path / "empty.jpg", b"")
    result = run("render", bad, empty, photo, "--out", out)
    assert result.exit_code == 1
    assert "unsupported-format" in result.stdout
    assert "bad.jpg: The file is not an image" in result.stderr
    assert "empty.jpg: The file is empty" in result.stderr
    assert {name.partition("/")[0] for name in files(out)} == {"four.png"}
    assert {path.name for path in out.iterdir()} == {"four.png"}


def test_json(photo: Path, out: Path, tmp_path: Path) -> None:
    """--json tells what was made, with the analysis, and what was not; nothing else is printed."""
    bad = written(tmp_path / "bad.jpg", b"no picture")
    result = run("render", photo, bad, "--out", out, "--json")
    assert result.exit_code == 1
    made, failed = json.loads(result.stdout)
    assert made["status"] == "done"
    assert (made["width"], made["height"], made["format"]) == (120, 80, "png")
    assert len(made["analysis"]["sha256"]) == 64
    for each in made["renditions"]:
        assert Path(each["key"]).stat().st_size == each["bytes"]
    assert failed["status"] == "failed"
    assert failed["error"]["code"] == "unsupported-format"


def test_photographs_that_cannot_be_meant(photo: Path, out: Path, tmp_path: Path) -> None:
    """Missing files and folders are refused, and two files of one name, before any work."""
    with pytest.raises(UsageError, match="No such file"):
        run("render", photo, tmp_path / "lost.png", "--out", out)
    with pytest.raises(UsageError, match="Not a file"):
        run("render", photo, tmp_path, "--out", out)
    twin = written(tmp_path / "twin" / photo.name, photo.read_bytes())
    with pytest.raises(OutputError, match=r"Two files are named 'four\.png'"):
        run("render", photo, twin, "--out", out)
    assert not out.exists()


def test_places_that_are_taken(photo: Path) -> None:
    """--out is no file, nor the folder of the photograph, which would have to make room."""
    for place in (photo, photo / "deeper", photo.parent):
        with pytest.raises(OutputError, match="that is a file"):
            run("render", photo, "--out", place)
    assert files(photo.parent) == {photo.name}


def test_nothing_is_half_written(out: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the disk is full, what was there before is still there, whole, and nothing else."""
    old = Encoded("a", b"old", "png", "image/png", 1, 1, 0)
    rendering.save([old], out)
    write = Path.write_bytes

    def fail(self: Path, data: bytes) -> int:
        write(self, data[:1])
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", fail)
    with pytest.raises(OSError, match="No space"):
        rendering.save([Encoded("a", b"new", "png", "image/png", 1, 1, 0)], out)
    assert files(out.parent) == {"out/a.png"}
    assert (out / "a.png").read_bytes() == b"old"


def test_recipes_are_listed() -> None:
    """The table tells the size, the format and the operations of each rendition."""
    text = run("recipes").stdout
    assert "avatar" in text
    assert "small small@2x" in text
    assert "circle" in text
    assert "300×300 cover" in text


def test_a_recipe_in_full(recipes: Callable[[object], Path]) -> None:
    """By its name it is printed as JSON that can be used as a file."""
    document = json.loads(run("recipes", "b", "--file", recipes(SEVERAL)).stdout)
    assert document == SEVERAL["b"]
    with pytest.raises(RecipeError, match="There are: a, b"):
        run("recipes", "c", "--file", recipes(SEVERAL))
    with pytest.raises(UsageError, match="without a name"):
        run("recipes", "c", "--file", recipes(ONE))


def test_the_recipe_of_a_file_is_listed(recipes: Callable[[object], Path]) -> None:
    """A recipe without a name goes by that of its file."""
    assert "mine.json" in run("recipes", "--file", recipes(ONE)).stdout


def test_the_schema_is_printed() -> None:
    """--schema prints JSON alone, so that it can be sent into a file."""
    assert json.loads(run("recipes", "--schema").stdout)["$defs"]["Rendition"]


def test_upload_knows_the_recipes(photo: Path) -> None:
    """A name that the pipeline does not know is refused before anything is uploaded."""
    with pytest.raises(RecipeError, match="There are: avatar, default"):
        run("upload", photo, "--recipe", "avatars")


@pytest.mark.parametrize(("recipe", "metadata"), [("avatar", {"recipe": "avatar"}), (None, {})])
def test_an_upload_names_its_recipe(
    recipe: str | None, metadata: dict[str, str], photo: Path
) -> None:
    """The name is in the object's metadata; without one, the pipeline decides."""
    cloud, s3 = Cloud({"RawBucket": "raw"}), Mock()
    vars(cloud)["s3"] = s3
    cloud.upload(photo, "four.png", print, recipe)
    assert s3.upload_file.call_args.kwargs["ExtraArgs"]["Metadata"] == metadata


def test_a_contact_sheet_needs_a_picture(tmp_path: Path) -> None:
    """What is no photograph is refused with a sentence, and no page is begun."""
    bad = written(tmp_path / "bad.jpg", b"no picture")
    with pytest.raises(UsageError, match=r"bad\.jpg: The file is not an image"):
        run("contact-sheet", bad, "--out", tmp_path / "sheet")
    assert not (tmp_path / "sheet").exists()


def test_the_limits_are_those_of_the_function() -> None:
    """What is rendered here is rendered in the cloud as well."""
    parameter = TEMPLATE.read_text().partition("FunctionMemory:")[2]
    assert f"Default: {rendering.MEMORY}\n" in parameter.partition("MinValue")[0]
