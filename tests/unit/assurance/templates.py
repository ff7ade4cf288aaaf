"""Templates for the tests of the rules."""

from pathlib import Path
from typing import Any

import yaml


def template(folder: Path, **resources: dict[str, Any]) -> Path:
    """Write a template with these resources; return its path."""
    path = folder / "template.yaml"
    path.write_text(
        yaml.safe_dump({"Parameters": {"Who": {"Default": ""}}, "Resources": resources})
    )
    return path


def bucket_policy(*statements: Any) -> dict[str, Any]:
    """Return a bucket policy of the resource ``Bucket``."""
    document = {"PolicyDocument": {"Statement": list(statements)}}
    return {
        "Type": "AWS::S3::BucketPolicy",
        "Properties": {"Bucket": {"Ref": "Bucket"}, **document},
    }
