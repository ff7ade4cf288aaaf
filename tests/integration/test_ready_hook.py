"""LocalStack's ready hook, which deploys without anybody asking."""

import json
import sys
import urllib.request
from pathlib import Path

from localstack_init import account, deploy

from .localstack import LocalStack
from .waiting import wait_for

HOOK = Path(deploy.__file__).parent / "ready.d" / "deploy.sh"


def test_the_hook_deploys(tmp_path: Path) -> None:
    """A LocalStack that finds the hook in its folder comes up with the pipeline in it."""
    folder = tmp_path / "files" / "etc" / "localstack" / "init" / "ready.d"
    folder.mkdir(parents=True)
    (folder / HOOK.name).symlink_to(HOOK)
    with LocalStack.started(tmp_path, PYTHON=sys.executable) as localstack:
        localstack.wait_until_healthy()

        def ended() -> str | None:
            with urllib.request.urlopen(f"{localstack.url}/_localstack/init") as answer:
                (script,) = json.load(answer)["scripts"]
            return None if script["state"] in ("UNKNOWN", "RUNNING") else str(script["state"])

        assert wait_for(ended) == "SUCCESSFUL", localstack.log_text()
        stacks = localstack.client("cloudformation").describe_stacks()["Stacks"]
        states = {stack["StackName"]: stack["StackStatus"] for stack in stacks}
        assert states == dict.fromkeys((account.STACK, "darkroom"), "CREATE_COMPLETE")
        assert "CREATE_COMPLETE" in localstack.log_text()
