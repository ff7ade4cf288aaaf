"""The commands on images, against a deployed pipeline."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from darkroom.cloud import Cloud
from processor.catalog.entries import Entry

from .conftest import SAMPLES, Run


def test_from_upload_to_files(run: Run, prefix: str, tmp_path: Path) -> None:
    """Upload, list, show and get have the same image, and the renditions are saved."""
    uploaded = run("upload", SAMPLES / "flower.jpg", SAMPLES / "coffee.png", "--prefix", prefix)
    assert uploaded.returncode == 0, uploaded
    assert "done in" in uploaded.stdout
    assert "630×800" in uploaded.stdout

    listed = run("ls", "-n", "2")
    assert f"{prefix}flower.jpg" in listed.stdout
    assert f"{prefix}coffee.png" in listed.stdout

    assert "preview" in run("show", f"{prefix}flower.jpg").stdout
    entry = json.loads(run("show", f"{prefix}flower.jpg", "--json").stdout)
    assert entry["status"] == "done"

    got = run("get", f"{prefix}flower.jpg", "out")
    assert got.returncode == 0, got
    files = sorted((tmp_path / "out" / prefix / "flower.jpg").iterdir())
    assert [file.name for file in files] == ["preview.webp", "thumb.webp", "web.jpg"]
    for file in files:
        Image.open(file).load()


def test_a_bad_file_is_explained(run: Run, prefix: str, tmp_path: Path) -> None:
    """The command fails with the reason, and shows the renditions of the good image."""
    (tmp_path / "text.jpg").write_text("no image")
    done = run("upload", "text.jpg", SAMPLES / "flower.jpg", "--prefix", prefix)
    assert done.returncode == 1
    assert "not an image in an accepted format" in done.stderr
    assert "630×800" in done.stdout
    assert "unsupported-format" in run("show", f"{prefix}text.jpg").stdout


def test_demo(run: Run, tmp_path: Path) -> None:
    """All sample photographs are processed, and their renditions are saved."""
    done = run("demo", "--out", "saved")
    assert done.returncode == 0, done
    originals = {file.name for file in SAMPLES.iterdir() if file.suffix != ".md"}
    assert len(originals) >= 4
    saved = {file.parent.name for file in (tmp_path / "saved" / "demo").glob("*/web.jpg")}
    assert saved == originals


def test_status_counts(run: Run, cloud: Cloud) -> None:
    """Status has the resources, the depth of the queue, and the numbers in the catalog."""
    done = run("status")
    assert cloud.outputs["RawBucket"] in done.stdout
    assert "Queue: 0 waiting" in done.stdout
    assert "done" in done.stdout


def test_logs(run: Run, prefix: str) -> None:
    """The function's lines are printed, with the image's key."""
    run("upload", SAMPLES / "flower.jpg", "--prefix", prefix)
    done = run("logs")
    assert f"done {prefix}flower.jpg" in done.stdout
    assert "REPORT RequestId" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("show", "nobody.jpg"), "no entry 'nobody.jpg'"),
        (("get", "nobody.jpg", "out"), "no entry 'nobody.jpg'"),
        (("upload", "nowhere.jpg"), "No such file or folder: nowhere.jpg"),
        (("upload", SAMPLES / "flower.jpg", "--prefix", "k" * 1024), "KeyTooLong"),
        (("upload", SAMPLES / "flower.jpg", SAMPLES / "flower.jpg"), "have the same key"),
        (("ls", "--stack", "darkroom-test-never-was"), "no stack named"),
        (("deploy", "--param", "BatchSize"), "NAME=VALUE"),
    ],
)
def test_mistakes(run: Run, arguments: tuple[str | Path, ...], message: str) -> None:
    """A mistake is reported in one sentence."""
    done = run(*arguments)
    assert done.returncode == 1
    assert message in done.stderr
    assert "Traceback" not in done.stderr


def test_a_key_cannot_lead_out_of_the_folder(
    put: Callable[[str, bytes], None],
    outcome: Callable[..., Entry],
    run: Run,
    sample: Callable[[str], bytes],
    tmp_path: Path,
) -> None:
    """No rendition is saved outside the output folder, whatever the key is."""
    (tmp_path / "deep").mkdir()
    key = "../../escaped.jpg"
    put(key, sample("flower.jpg"))
    assert outcome(key)["status"] == "failed"
    refused = run("get", key, "deep")
    assert refused.returncode == 1
    assert "has no renditions: its status is failed" in refused.stderr
    assert not list(tmp_path.rglob("*.webp"))


def test_without_an_endpoint_and_credentials(run: Run, tmp_path: Path) -> None:
    """The error says how to use the emulator, and how to use AWS."""
    done = run(
        "ls",
        AWS_ENDPOINT_URL="",
        AWS_ACCESS_KEY_ID="",
        AWS_SECRET_ACCESS_KEY="",
        AWS_CONFIG_FILE=str(tmp_path / "none"),
        AWS_SHARED_CREDENTIALS_FILE=str(tmp_path / "none"),
        AWS_EC2_METADATA_DISABLED="true",
    )
    assert done.returncode == 1
    assert "source .darkroom/emulator.env" in done.stderr


def test_a_dead_endpoint(run: Run) -> None:
    """The error names the endpoint, and the command that starts the emulator."""
    done = run("ls", AWS_ENDPOINT_URL="http://127.0.0.1:9")
    assert done.returncode == 1
    assert "make up" in done.stderr
