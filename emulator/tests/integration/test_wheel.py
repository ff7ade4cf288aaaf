"""The wheel in an empty environment, as a stranger installs it."""

import json
import os
import shutil
import subprocess
import sys
import urllib.request
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from .edge import Edge, s3_origin, unique
from .functions import Functions
from .localstack import PROJECT, LocalStack

UV = shutil.which(os.environ.get("UV", "uv"))


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the wheel; `make test` provides uv."""
    if not UV:
        if os.environ.get("CI") == "true":
            pytest.fail("uv is not on PATH, and UV does not name it")
        pytest.skip("uv is not on PATH, and UV does not name it")
    folder = tmp_path_factory.mktemp("wheel")
    build = [UV, "build", "--quiet", "--wheel", "--python", sys.executable]
    subprocess.run([*build, "--out-dir", folder], cwd=PROJECT, check=True)
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalStack]:
    """Install the wheel with what its metadata requires, and start it."""
    assert UV
    folder = tmp_path_factory.mktemp("environment")
    subprocess.run([UV, "venv", "--quiet", "--python", sys.executable, folder], check=True)
    python = folder / "bin" / "python"
    subprocess.run([UV, "pip", "install", "--quiet", "--python", python, wheel], check=True)
    with LocalStack(folder / "run", None, folder / "bin" / "localstack-native") as localstack:
        localstack.wait_until_healthy()
        yield localstack


def test_content(wheel: Path) -> None:
    """The wheel holds the package with its data, the license and the metadata, and no tests."""
    with zipfile.ZipFile(wheel) as file:
        names = file.namelist()
        (metadata,) = (name for name in names if name.endswith(".dist-info/METADATA"))
        text = file.read(metadata).decode()
    assert {name.partition("/")[0] for name in names} == {
        "localstack_native", metadata.partition("/")[0],
    }  # fmt: skip
    assert "localstack_native/rekognition/labels.txt" in names
    assert any(name.endswith("licenses/LICENSE") for name in names)
    assert "Name: localstack-extension-native" in text
    assert "Description-Content-Type: text/markdown" in text


def test_it_runs(installed: LocalStack) -> None:
    """A function runs when an object is put into S3, and CloudFront serves the object."""
    s3, edge = installed.client("s3"), Edge(installed)
    bucket = unique("bucket")
    s3.create_bucket(Bucket=bucket)
    functions = Functions(installed)
    function = functions.make(
        """
        import boto3
        def handler(event, context):
            body = boto3.client("s3").get_object(**event)["Body"].read().decode()
            return {"is": body}
        """
    )
    s3.put_object(Bucket=bucket, Key="k", Body=b"an object")
    assert function.invoke({"Bucket": bucket, "Key": "k"}).payload == {"is": "an object"}
    s3.delete_public_access_block(Bucket=bucket)
    public = {
        "Effect": "Allow", "Principal": "*", "Action": "s3:GetObject",
        "Resource": f"arn:aws:s3:::{bucket}/*",
    }  # fmt: skip
    policy = {"Version": "2012-10-17", "Statement": [public]}
    s3.put_bucket_policy(Bucket=bucket, Policy=json.dumps(policy))
    served = edge.distribution(s3_origin(bucket)).get("/k")
    assert (served.status, served.body) == (200, b"an object")
    with urllib.request.urlopen(f"{installed.url}/_emulator/health") as response:
        assert "cloudfront" in json.load(response)["features"]
