"""Deploy to the emulator that AWS_ENDPOINT_URL names: what the LocalStack ready hook runs."""

import os

from localstack_init.deploy import Deployment, deploy
from localstack_init.site import page_address


def say(line: str) -> None:
    """Write a line to LocalStack's log, at once."""
    print(line, flush=True)  # noqa: T201


deployment = Deployment.to_emulator(
    os.environ["AWS_ENDPOINT_URL"], os.environ.get("DARKROOM_STACK", "darkroom")
)
say(f"The demo page is at {page_address(deploy(deployment, say)['SiteUrl'])}")
