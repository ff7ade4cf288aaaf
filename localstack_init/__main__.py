"""Deployment to the emulator at AWS_ENDPOINT_URL: the program of LocalStack's ready hook."""

import os
from functools import partial

from localstack_init.deploy import Deployment, deploy
from localstack_init.site import page_address

say = partial(print, flush=True)

deployment = Deployment.to_emulator(
    os.environ["AWS_ENDPOINT_URL"], os.environ.get("DARKROOM_STACK", "darkroom")
)
say(f"The demo page is at {page_address(deploy(deployment, say)['SiteUrl'])}")
