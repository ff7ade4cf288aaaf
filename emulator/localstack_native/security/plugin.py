"""Start of the security checks: signatures, hosts and browsers."""

import logging
import os

from localstack import config
from localstack.aws import handlers
from localstack.runtime.exceptions import LocalstackExit

from localstack_native.s3.sandbox import sandbox_objects
from localstack_native.security import cors, installation, internal_secret
from localstack_native.security.guard import BrowserGuard, SignatureGuard
from localstack_native.security.hosts import AllowedHosts

LOG = logging.getLogger(__name__)

HOSTS = "EMULATOR_HOSTS"


def check_signatures() -> None:
    """Install the check of signatures. Raises ``LocalstackExit`` if the key can't be read."""
    try:
        installation.access_key()  # created now: clients read it when the emulator is healthy
    except (OSError, ValueError) as error:
        LOG.error("%s", error)  # noqa: TRY400 (the message is complete)
        raise LocalstackExit(str(error), code=1) from error
    internal_secret.randomize()
    guard = SignatureGuard()
    handlers.preprocess_request.handlers.insert(0, guard.check)
    handlers.serve_custom_service_request_handlers.handlers.insert(0, guard.check_service)


def check_browsers() -> None:
    """Install the checks of hosts and browsers, which run first."""
    named = os.environ.get(HOSTS, "").split(",")
    names = [config.LOCALSTACK_HOST.host, *(name.strip() for name in named if name.strip())]
    guard = BrowserGuard(AllowedHosts(names))
    cors.trust_no_origin()
    handlers.preprocess_request.handlers.insert(0, guard.check)
    handlers.serve_custom_service_request_handlers.handlers.insert(0, guard.check_service)
    handlers.modify_service_response.append("s3", sandbox_objects)
