"""Deployment of the pipeline to the account of a boto3 session, or to AWS_ENDPOINT_URL."""

import json
import platform
import time
from collections.abc import Callable, Container, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import boto3
import yaml
from botocore.config import Config

from localstack_init import account
from localstack_init.artifacts import ArtifactBucket, empty_bucket
from localstack_init.build import Artifact, Target, build_layer
from localstack_init.change_set import Change, Difference, planned
from localstack_init.cloudformation import (
    OUTAGE_SECONDS,
    Say,
    Sleep,
    StackError,
    default_session,
)
from localstack_init.definitions import DATA_STORES, TEMPLATE, build_template
from localstack_init.function_code import build_code, update_code
from localstack_init.parameters import check_parameters
from localstack_init.site import deploy_site
from localstack_init.stack import Stack
from localstack_init.template import read_template
from localstack_init.variant_keys import (
    copy_name,
    copy_signing_key,
    ensure_signing_key,
)
from localstack_init.webhook_secret import (
    PARAMETER_OUTPUT,
    ensure_webhook_secret,
    secret_name,
)

PRODUCTION = ("prod", "production")
"""Environments with protected stacks."""

PRODUCTION_UNDELETE_DAYS = "30"
"""Days for which a protected stack can restore deleted originals, unless it sets another number."""

FUNCTIONS = (
    "ProcessFunction",
    "WorkflowFunction",
    "ApiFunction",
    "ChangesFunction",
    "WebhookFunction",
    "VariantFunction",
)
"""Outputs with the names of the Lambda functions.

``WebhookFunction`` exists with ``WebhookUrl`` only, ``VariantFunction`` unless ``Variants`` is off.
"""

SIGNING_KEY_COPY = "SigningKeyCopy"
"""Output with the name of the SSM parameter by which the API signs URLs of variants."""

ATTEMPTS = 10
"""Attempts of each call: following a deployment takes many, and CloudFormation throttles an account
as a whole."""

EMULATOR_ATTEMPTS = 3

Build = Callable[[Target], tuple[Artifact, Artifact]]
"""Builds the code and the layer."""


@dataclass(frozen=True, slots=True)
class Deployment:
    """A deployment: which stack, with which parameters, protected or not."""

    stack: str = "darkroom"
    target: Target | None = None
    """Target of the layer; None is the last deployment's, or x86_64."""
    parameters: Mapping[str, str] = field(default_factory=dict)
    """Values of template parameters. Others keep the last deployment's value, or the default."""
    defaults: Mapping[str, str] = field(default_factory=dict)
    """Values of parameters without a last deployment, instead of the template's defaults."""
    protected: bool = False
    """Whether the stack is protected from deletion, and its data stores from both that and
    replacement.
    """
    is_quick: bool = False
    """Whether new code alone is deployed without an update of the stack, which takes longer."""
    monitoring_minutes: int = 0
    """Minutes after an update in which an alarm rolls it back; 0 is without alarms."""
    is_throttled: bool = True
    """Whether errors of CloudFormation may pass on retry after some seconds; no emulator's do."""

    @classmethod
    def to_emulator(cls, endpoint: str, stack: str = "darkroom") -> "Deployment":
        """Return the deployment to an emulator on this machine, at the URL ``endpoint``.

        The API needs no credentials: only this machine reaches it.
        """
        port = urlsplit(endpoint).port
        parameters = {
            "Analyze": "all",
            "ApiAuth": "none",
            # A browser's number of parallel requests; the emulator has room for three stacks.
            "ApiReservedConcurrency": "6",
            "MaximumConcurrency": "0",
            "Originals": "on",
            "Variants": "signed",
            "ApiSignsVariants": "on",
            "VariantReservedConcurrency": "4",
            "SiteUrlPrefix": f"http://localhost:{port}/_aws/cloudfront/",
            # Browsers resolve subdomains of localhost; other clients may not.
            "BrowserS3Endpoint": f"http://s3.localhost:{port}",
        }
        return cls(
            stack=stack, target="host", parameters=parameters, is_quick=True, is_throttled=False
        )

    @classmethod
    def to_environment(
        cls, stack: str, environment: str, target: Target | None, parameters: Mapping[str, str]
    ) -> "Deployment":
        """Return the deployment of an environment, one of several stacks in an account."""
        if not environment:
            return cls(stack, target, parameters)
        protected = environment in PRODUCTION
        return cls(
            stack=stack_name(stack, environment),
            target=target,
            parameters=parameters,
            defaults={
                "TableName": f"ImageMetadata-{environment}",
                **({"UndeleteDays": PRODUCTION_UNDELETE_DAYS} if protected else {}),
            },
            protected=protected,
        )


@dataclass(frozen=True, slots=True)
class Plan:
    """A deployment with its stack, template, parameters and artifacts."""

    deployment: Deployment
    stack: Stack
    bucket: ArtifactBucket
    template: Artifact
    parameters: dict[str, str]
    before: dict[str, str]
    """The parameters of the last deployment."""
    code: Artifact
    layer: Artifact

    @property
    def template_url(self) -> str:
        """The template's URL in the artifact bucket."""
        return self.bucket.url(self.template)

    def upload_template(self, say: Say) -> None:
        """Upload the template. Raises ``StackError`` if CloudFormation refuses it."""
        self.bucket.upload(self.template, say)
        self.stack.validate(self.template_url)


def stack_name(stack: str, environment: str) -> str:
    """Return the name of an environment's stack."""
    return f"{stack}-{environment}" if environment else stack


def build_code_and_layer(target: Target) -> tuple[Artifact, Artifact]:
    """Build the code and the layer of this checkout. Raises ``BuildError``."""
    return build_code(), build_layer(target)


def deploy(
    deployment: Deployment,
    say: Say,
    session: boto3.Session | None = None,
    build: Build = build_code_and_layer,
    sleep: Sleep = time.sleep,
) -> dict[str, str]:
    """Make the stack equal to this checkout; return its outputs.

    Waits for another deployment of the stack. Raises ``BuildError`` and ``StackError``.
    """
    account.check_name(deployment.stack)
    session = session or default_session()
    stack = _stack(deployment.stack, say, session, sleep, is_throttled=deployment.is_throttled)
    stack.wait_until_stable()
    plan = _plan(deployment, stack, session, build)
    plan.bucket.ensure()
    plan.upload_template(say)
    for artifact in (plan.code, plan.layer):
        plan.bucket.upload(artifact, say)
    if deployment.is_quick and _is_complete(stack) and _differs_in_code_only(plan):
        if not _update_code(plan, say, session):
            say("Nothing has changed")
        return _with_site(stack.outputs(), say, session)
    throttled = deployment.is_throttled
    shared = _stack(account.STACK, say, session, sleep, is_throttled=throttled)
    account.prepare(shared, plan.bucket, plan.parameters.get("RolesBoundary", ""), say, session)
    # The policy applies to this update, and is new after a creation.
    _protect(plan)
    if not stack.apply(plan.template_url, plan.parameters, deployment.monitoring_minutes):
        say("Nothing has changed")
    _protect(plan)
    if deployment.is_quick:
        _update_code(plan, say, session)
    # A rollback needs the last deployment's artifacts.
    plan.bucket.prune({*plan.before.values(), *plan.parameters.values(), plan.template.key})
    outputs = _with_site(stack.outputs(), say, session)
    if plan.before.get("ApiSignsVariants") == "on" and SIGNING_KEY_COPY not in outputs:
        _delete_parameter(copy_name(stack.name), session)
    return outputs


def compare(
    deployment: Deployment,
    say: Say,
    session: boto3.Session | None = None,
    build: Build = build_code_and_layer,
) -> tuple[list[Difference], list[Change]]:
    """Return the parameters and resources that ``deploy`` would change. Deploys nothing.

    Raises ``BuildError`` and ``StackError``.
    """
    session = session or default_session()
    stack = _stack(deployment.stack, say, session)
    plan = _plan(deployment, stack, session, build)
    parameters = [
        Difference(name, plan.before.get(name), value)
        for name, value in plan.parameters.items()
        if plan.before.get(name) != value
    ]
    shared = [] if account.is_prepared(session) else account.additions()
    if not stack.is_deployed():
        return parameters, shared + planned(plan.template.path.read_text())
    # The next deployment uses or prunes it.
    plan.upload_template(say)
    return parameters, shared + stack.compare(plan.template_url, plan.parameters)


def destroy(
    name: str, say: Say, session: boto3.Session | None = None, sleep: Sleep = time.sleep
) -> None:
    """Empty and delete the stack and its artifact bucket. Raises ``StackError``.

    The data stores of a protected stack stay, with their content. The account's stack stays.
    """
    account.check_name(name)
    session = session or default_session()
    stack = _stack(name, say, session, sleep)
    stack.check_deletable()
    stack.wait_until_stable()
    retained = stack.retained()
    _empty_buckets(stack, say, session, retained)
    parameters = stack.parameters()
    signs = parameters.get("ApiSignsVariants") == "on"
    stack.delete()
    if parameters.get("WebhookUrl"):
        _delete_parameter(secret_name(name), session)
    if signs:
        _delete_parameter(copy_name(name), session)
    ArtifactBucket.of(name, session).delete()
    for line in how_to_delete(retained):
        say(line)


def _delete_parameter(name: str, session: boto3.Session) -> None:
    """Delete a secret of the stack in SSM, if it exists."""
    ssm = session.client("ssm")
    with suppress(ssm.exceptions.ParameterNotFound):
        ssm.delete_parameter(Name=name)


def how_to_delete(retained: Mapping[str, str]) -> list[str]:
    """Return lines that name the retained resources, with the commands that delete them.

    ``retained`` are their types by physical id.
    """
    if not retained:
        return []
    commands = [
        command for name, kind in retained.items() for command in _delete_commands(name, kind)
    ]
    return [
        (
            f"Kept {', '.join(retained)}: the stack's data is protected. While they exist, no "
            "other stack can have these names. To delete them with all data:"
        ),
        *(f"  {command}" for command in commands),
    ]


def _delete_commands(name: str, kind: str) -> list[str]:
    if kind == "AWS::S3::Bucket":
        return [f".venv/bin/python -m localstack_init.artifacts {name}"]
    return [
        f"aws dynamodb update-table --no-deletion-protection-enabled --table-name {name}",
        f"aws dynamodb delete-table --table-name {name}",
    ]


def retries(attempts: int) -> Config:
    """Return a client's configuration with a number of attempts of each call."""
    return Config(retries={"mode": "adaptive", "total_max_attempts": attempts})


def _stack(
    name: str,
    say: Say,
    session: boto3.Session,
    sleep: Sleep = time.sleep,
    *,
    is_throttled: bool = True,
) -> Stack:
    config = retries(ATTEMPTS if is_throttled else EMULATOR_ATTEMPTS)
    outage_seconds = OUTAGE_SECONDS if is_throttled else 0.0
    client = session.client("cloudformation", config=config)
    return Stack(client, name, say, sleep, outage_seconds)


def _plan(deployment: Deployment, stack: Stack, session: boto3.Session, build: Build) -> Plan:
    bucket = ArtifactBucket.of(deployment.stack, session)
    try:
        names = read_template(TEMPLATE.read_text())["Parameters"]
    except yaml.YAMLError as error:
        raise StackError(f"The template is not valid YAML: {error}") from error
    check_parameters(deployment.parameters, names)
    before = stack.parameters()
    auth = {"ApiAuth": names["ApiAuth"]["Default"], **before, **deployment.parameters}["ApiAuth"]
    template = build_template(auth, protected=deployment.protected)
    last: Target = "arm64" if before.get("Architecture") == "arm64" else "x86_64"
    target = deployment.target or last
    code, layer = build(target)
    parameters = {
        **deployment.defaults,
        **{name: value for name, value in before.items() if name in names},
        **deployment.parameters,
        "ArtifactBucket": bucket.name,
        "CodeKey": code.key,
        "LayerKey": layer.key,
        "Architecture": _architecture(target),
    }
    if deployment.protected and parameters.get("PublicUpload") == "on":
        raise StackError(
            "PublicUpload=on lets anybody store objects of any size at your cost: the environments "
            f"{' and '.join(PRODUCTION)} refuse it. Set PublicUpload=off, and use presigned "
            "uploads; or deploy to another environment."
        )
    return Plan(deployment, stack, bucket, template, parameters, before, code, layer)


def _architecture(target: Target) -> str:
    if target != "host":
        return target
    return "arm64" if platform.machine() in ("aarch64", "arm64") else "x86_64"


def _empty_buckets(
    stack: Stack, say: Say, session: boto3.Session, retained: Container[str] = ()
) -> None:
    """Empty the stack's buckets: CloudFormation deletes empty buckets only."""
    s3 = session.client("s3")
    for bucket in stack.resources("AWS::S3::Bucket"):
        if bucket not in retained and (count := empty_bucket(s3, bucket)):
            say(f"Deleted {count} objects from {bucket}")


def _protect(plan: Plan) -> None:
    """Protect the stack from deletion, and its data stores from replacement."""
    if not plan.deployment.protected or not plan.stack.is_deployed():
        return
    protected = {
        "Effect": "Deny",
        "Action": ["Update:Replace", "Update:Delete"],
        "Principal": "*",
        "Resource": [f"LogicalResourceId/{name}" for name in DATA_STORES],
    }
    others = {"Effect": "Allow", "Action": "Update:*", "Principal": "*", "Resource": "*"}
    plan.stack.protect(json.dumps({"Statement": [protected, others]}))


def _is_complete(stack: Stack) -> bool:
    known = stack.describe()
    return known is not None and known["StackStatus"] in ("CREATE_COMPLETE", "UPDATE_COMPLETE")


def _with_site(outputs: dict[str, str], say: Say, session: boto3.Session) -> dict[str, str]:
    """Upload the demo page, create keys and secrets that do not exist yet; return the outputs."""
    deploy_site(outputs["SiteBucket"], outputs["Distribution"], say, session=session)
    if "VariantKeys" in outputs:
        key = ensure_signing_key(outputs["VariantKeys"], say, session)
        if SIGNING_KEY_COPY in outputs:
            copy_signing_key(outputs[SIGNING_KEY_COPY], key, say, session)
    if PARAMETER_OUTPUT in outputs:
        ensure_webhook_secret(outputs[PARAMETER_OUTPUT], say, session)
    return outputs


def _update_code(plan: Plan, say: Say, session: boto3.Session) -> bool:
    outputs = plan.stack.outputs()
    functions = [outputs[name] for name in FUNCTIONS if name in outputs]
    return update_code(functions, plan.bucket.name, plan.code, say, session)


def _differs_in_code_only(plan: Plan) -> bool:
    return plan.stack.template() == plan.template.path.read_text() and all(
        plan.before.get(name) == value
        for name, value in plan.parameters.items()
        if name != "CodeKey"
    )
