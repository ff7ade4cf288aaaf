"""Moto's Batch without its backend, until that is used."""

import subprocess
import sys

PROGRAM = """
import importlib, sys
from localstack_native.features import FEATURES

module, _, function = FEATURES["stepfunctions"].start.partition(":")
getattr(importlib.import_module(module), function)()
from localstack.services.stepfunctions import provider
from moto.batch.utils import JobStatus
print("moto.ec2" in sys.modules, JobStatus.SUCCEEDED.name)
from moto.backends import get_backend
import moto.batch
print(get_backend("batch") is moto.batch.batch_backends, "moto.ec2" in sys.modules)
"""


def test_the_backend_loads_when_it_is_used() -> None:
    """Step Functions loads without EC2's catalog, and Batch still works."""
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True
    )
    assert done.stdout.split("\n")[:2] == ["False SUCCEEDED", "True True"]
