"""`darkroom render`."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from darkroom.engine import recipe_files, rendering
from darkroom.errors import CommandError
from localstack_init.definitions import TEMPLATE
from processor.images import Encoded, load_recipes
from tests.unit.darkroom.commands.running import ONE, SEVERAL, TINY, run, written
from tests.unit.processor.images.sample_images import decoded, encoded


def files(folder: Path) -> set[str]:
    """Return the paths of all files below a folder."""
    found = folder.rglob("*") if folder.exists() else ()
    return {str(file.relative_to(folder)) for file in found if file.is_file()}


def test_the_default_recipe(photo: Path, out: Path) -> None:
    """Without --recipe, the renditions are those of an upload without one."""
    result = run("render", photo, "--out", out)
    assert result.exit_code == 0
    assert files(out) == {f"four.png/{name}" for name in ("thumb.webp", "preview.webp", "web.jpg")}
    assert "120×80" in result.stdout


@pytest.mark.parametrize("name", load_recipes())
def test_recipes_of_the_pipeline(name: str, photo: Path, out: Path) -> None:
    """Each is rendered, with its watermark images."""
    assert run("render", photo, "--recipe", name, "--out", out).exit_code == 0
    renditions = load_recipes()[name].renditions
    assert len(files(out)) == sum(len(each.densities) for each in renditions)


def test_a_file_of_one_recipe(photo: Path, out: Path, recipes: Callable[[object], Path]) -> None:
    """The whole file is a recipe."""
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
    """A recipe is chosen by its name, or as the only one, or as the default."""
    run("render", photo, "--recipe", f"{recipes(content)}{suffix}", "--out", out)
    assert files(out) == {f"four.png/{made}"}


@pytest.mark.parametrize(
    ("content", "suffix", "message"),
    [
        (SEVERAL, "", "several recipes: a, b. Choose one, such as .*#a"),
        (SEVERAL, "#c", "no recipe 'c'. The recipes are a, b"),
        (ONE, "#c", "Omit #c"),
        ({}, "", "contains no recipe"),
        ({"renditions": [{**TINY, "blurr": 2}]}, "", r"blurr.*at `\$.renditions.*`blur`"),
        ({"x": {"renditions": [{**TINY, "median": 4}]}}, "", "median.*allowed: 3, 5, 7, 9"),
        ([], "", "Expected `object`"),
    ],
)
def test_missing_and_invalid_recipes(
    content: object,
    suffix: str,
    message: str,
    photo: Path,
    out: Path,
    recipes: Callable[[object], Path],
) -> None:
    """The error names the place and the alternatives; nothing is written."""
    with pytest.raises(CommandError, match=message):
        run("render", photo, "--recipe", f"{recipes(content)}{suffix}", "--out", out)
    assert not out.exists()


@pytest.mark.parametrize("content", [b"{", b"\xff", b"[" * 100_000])
def test_a_recipe_file_that_is_not_json(content: bytes, tmp_path: Path) -> None:
    """The error names the file."""
    with pytest.raises(CommandError, match=r"broken\.json is not JSON"):
        recipe_files.find(str(written(tmp_path / "broken.json", content)))


def test_an_unknown_recipe(photo: Path, out: Path) -> None:
    """The error lists the names."""
    with pytest.raises(CommandError, match=r"no recipe and no file 'avatars'.*avatar, default"):
        run("render", photo, "--recipe", "avatars", "--out", out)


@pytest.mark.parametrize("folder", ["", "assets"])
def test_a_watermark_image(
    folder: str, photo: Path, out: Path, tmp_path: Path, recipes: Callable[[object], Path]
) -> None:
    """Watermark images are read from the recipe file's folder, or from assets in it."""
    written(tmp_path / folder / "mark.png", encoded(Image.new("RGB", (4, 4), "black"), "PNG"))
    marked = {**TINY, "watermark": {"image": "mark.png", "position": "center", "opacity": 1}}
    run("render", photo, "--recipe", recipes({"renditions": [marked]}), "--out", out)
    image = decoded((out / "four.png" / "tiny.png").read_bytes()).convert("RGB")
    assert image.getpixel((10, 6)) == (0, 0, 0)


@pytest.mark.parametrize("name", ["raw:mark.png", "../mark.png", "lost.png"])
def test_a_watermark_image_that_cannot_be_read(
    name: str, photo: Path, out: Path, tmp_path: Path, recipes: Callable[[object], Path]
) -> None:
    """The photograph fails with the name of an image in a bucket or outside the folder."""
    written(tmp_path.parent / "mark.png", b"")
    marked = {**TINY, "watermark": {"image": name}}
    result = run("render", photo, "--recipe", recipes({"renditions": [marked]}), "--out", out)
    assert result.exit_code == 1
    assert "missing-watermark" in result.stdout
    assert name in result.stderr
    assert not files(out)


def test_a_bad_file_does_not_stop_the_others(photo: Path, out: Path, tmp_path: Path) -> None:
    """Its reason is printed, it leaves no files, and the exit code is 1."""
    bad = written(tmp_path / "bad.jpg", b"no image")
    empty = written(tmp_path / "empty.jpg", b"")
    result = run("render", bad, empty, photo, "--out", out)
    assert result.exit_code == 1
    assert "unsupported-format" in result.stdout
    assert "bad.jpg: The file is not" in result.stderr
    assert "empty.jpg: The file is empty" in result.stderr
    assert {name.partition("/")[0] for name in files(out)} == {"four.png"}
    assert {path.name for path in out.iterdir()} == {"four.png"}


def test_json(photo: Path, out: Path, tmp_path: Path) -> None:
    """--json prints the renditions, the analysis and the failures, and nothing else."""
    bad = written(tmp_path / "bad.jpg", b"no image")
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


def test_wrong_files(photo: Path, out: Path, tmp_path: Path) -> None:
    """Missing files, folders, and two files of one name are rejected before any work."""
    with pytest.raises(CommandError, match="No such file"):
        run("render", photo, tmp_path / "lost.png", "--out", out)
    with pytest.raises(CommandError, match="Not a file"):
        run("render", photo, tmp_path, "--out", out)
    twin = written(tmp_path / "twin" / photo.name, photo.read_bytes())
    with pytest.raises(CommandError, match=r"Two files are named 'four\.png'"):
        run("render", photo, twin, "--out", out)
    assert not out.exists()


def test_an_output_folder_that_is_a_file(photo: Path) -> None:
    """--out cannot be a file, nor the photograph's folder, where the photograph is in the way."""
    for place in (photo, photo / "deeper", photo.parent):
        with pytest.raises(CommandError, match="because it is a file"):
            run("render", photo, "--out", place)
    assert files(photo.parent) == {photo.name}


def test_a_full_disk(out: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The old renditions remain complete, and no new file is left."""
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


def test_the_limits_are_those_of_the_function() -> None:
    """The memory limit is the default of the template."""
    parameter = TEMPLATE.read_text().partition("FunctionMemory:")[2]
    assert f"Default: {rendering.MEMORY}\n" in parameter.partition("MinValue")[0]
