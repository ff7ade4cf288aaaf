"""Run public LocalStack samples against the emulator: ``python -m tests.samples.run [FOLDER]``.

Each sample is deployed by its own script and tested by its own tests. Nothing in it is changed but
the endpoint. The samples are downloaded from GitHub at a pinned commit, or taken from FOLDER, which
has ``OWNER/REPOSITORY``. Their scripts need uv, zip, jq, make and pip's index.
"""

import io
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import urllib.request
from dataclasses import dataclass
from pathlib import Path

from tests.integration.localstack import REGION, LocalStack

ENDPOINT = re.compile(r"https?://(localhost\.localstack\.cloud|localhost):4566")
TOOLS = ("awscli", "awscli-local", "boto3", "pytest", "requests")


@dataclass(frozen=True)
class Sample:
    """A folder of a repository, with the commands that deploy and test it."""

    repository: str
    commit: str
    commands: tuple[str, ...]
    folder: str = "."
    python: str = "3.13"
    """The version that the sample's scripts expect."""


PRO_SAMPLES = "localstack-samples/localstack-pro-samples"
PRO_COMMIT = "32627d5ef37de716b9844780bffa7a7949b11cbb"
STATES = "arn:aws:states:us-east-1:000000000000"
SAMPLES = (
    # S3 notifications, function URLs, SSM, and failures that SNS sends by mail.
    Sample(
        "localstack-samples/sample-serverless-image-resizer-s3-lambda",
        "0098b3641bca698d5d5d488a49fca7a55aaabdf3",
        ("bin/deploy.sh", "pytest tests"),
        python="3.11",
    ),
    # An alarm on a function's errors; its script waits for the alarm, which SNS sends by mail.
    Sample(
        PRO_SAMPLES,
        PRO_COMMIT,
        ("sh run.sh", "curl --fail --silent $AWS_ENDPOINT_URL/_aws/ses | grep -c my-lambda-alarm"),
        folder="cloudwatch-metrics-aws",
    ),
    # A state machine with three functions; all but the last command are of its README.
    Sample(
        PRO_SAMPLES,
        PRO_COMMIT,
        (
            "make create-lambdas",
            """awslocal stepfunctions create-state-machine --name step-demo \
                --definition "$(cat step-definition.json)" \
                --role-arn arn:aws:iam::000000000000:role/step-function-lambda""",
            f"""awslocal stepfunctions start-execution \
                --state-machine-arn {STATES}:stateMachine:step-demo --name once \
                --input '{{"adam": "LocalStack", "cole": "Stack"}}'""",
            f"""while awslocal stepfunctions describe-execution \
                --execution-arn {STATES}:execution:step-demo:once > result; grep RUNNING result
                do sleep 1; done; grep "Cole say 'LocalStack Stack'" result""",
        ),
        folder="stepfunctions-lambda",
    ),
)


def fetch(sample: Sample, source: Path | None, target: Path) -> Path:
    """Return a copy of the sample's folder."""
    if source:
        shutil.copytree(source / sample.repository, target)
        return target / sample.folder
    url = f"https://codeload.github.com/{sample.repository}/tar.gz/{sample.commit}"
    with (
        urllib.request.urlopen(url, timeout=60) as response,
        tarfile.open(fileobj=io.BytesIO(response.read())) as archive,
    ):
        archive.extractall(target, filter="data")
    (root,) = target.iterdir()
    return root / sample.folder


def use_endpoint(folder: Path, url: str) -> None:
    """Replace LocalStack's default endpoint in all text files."""
    for path in folder.rglob("*"):
        if path.is_file() and not path.is_symlink():
            try:
                text = path.read_text()
            except UnicodeDecodeError:
                continue
            path.write_text(ENDPOINT.sub(url, text))


def run(sample: Sample, source: Path | None, root: Path) -> None:
    """Deploy and test a sample in an emulator of its own; raise CalledProcessError."""
    folder = fetch(sample, source, root / "sample")
    tools, uv = root / "tools", os.environ.get("UV", "uv")
    subprocess.run([uv, "venv", "--quiet", "--seed", "--python", sample.python, tools], check=True)
    subprocess.run([tools / "bin/pip", "install", "--quiet", *TOOLS], check=True)
    # The samples name roles that do not exist, as LocalStack allows.
    settings = {"HOME": os.environ["HOME"], "EMULATOR_IAM": "off"}
    with LocalStack(root / "localstack", **settings) as localstack:
        localstack.wait_until_healthy()
        url = f"http://localhost:{localstack.port}"
        use_endpoint(folder, url)
        environment = {
            **os.environ,
            "PATH": f"{tools / 'bin'}:{os.environ['PATH']}",
            "VIRTUAL_ENV": str(tools),
            "AWS_ENDPOINT_URL": url,
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_DEFAULT_REGION": REGION,
        }
        for command in sample.commands:
            print(f"$ {command}", flush=True)
            subprocess.run(
                ["bash", "-euo", "pipefail", "-c", command],
                cwd=folder,
                env=environment,
                check=True,
                timeout=600,
            )


def main(arguments: list[str]) -> int:
    """Run all samples; return the number of those that failed."""
    source = Path(arguments[0]).absolute() if arguments else None
    failed = []
    for sample in SAMPLES:
        name = f"{sample.repository}/{sample.folder}"
        with tempfile.TemporaryDirectory(prefix="sample-") as root:
            try:
                run(sample, source, Path(root))
            except (OSError, subprocess.SubprocessError) as error:
                print(f"{name}: {error}", file=sys.stderr)
                print((Path(root) / "localstack/localstack.log").read_text()[-3000:])
                failed.append(name)
    print(f"{len(SAMPLES) - len(failed)} passed, {len(failed)} failed")
    return len(failed)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
