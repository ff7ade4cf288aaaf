"""The API with ``ApiAuth=iam``: signatures, and the permission to invoke it."""

import json
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, replace

import boto3
import httpx
import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from localstack_init.deploy import deploy, destroy
from tests.speed import LIMIT

from .conftest import new_deployment

ACCOUNT = "000000000000"


@dataclass(frozen=True, slots=True)
class Api:
    """A deployed API whose requests must be signed."""

    id: str
    url: str

    def get(self, path: str, key: Credentials | None) -> httpx.Response:
        """Send a request that is signed with a key, or not signed."""
        request = AWSRequest("GET", f"{self.url}/{path}")
        if key:
            region = boto3.Session().region_name
            SigV4Auth(key, "execute-api", region).add_auth(request)
        headers = dict(request.headers.items())
        return httpx.get(f"{self.url}/{path}", headers=headers, timeout=LIMIT)


@pytest.fixture(scope="module")
def api(endpoint: str) -> Iterator[Api]:
    """Yield the API of a stack with ``ApiAuth=iam``."""
    usual = new_deployment()
    deployment = replace(usual, parameters={**usual.parameters, "ApiAuth": "iam"})
    output: list[str] = []
    outputs = deploy(deployment, output.append)
    yield Api(outputs["Api"], f"{endpoint}/_aws/execute-api/{outputs['Api']}/api")
    destroy(deployment.stack, output.append)


def own_key() -> Credentials:
    """Return the emulator's access key."""
    key = boto3.Session().get_credentials()
    assert key is not None
    return Credentials(key.access_key, key.secret_key)


def caller(*paths: str) -> Credentials:
    """Return the key of a user that may send requests with these ARNs."""
    iam, name = boto3.client("iam"), f"caller-{uuid.uuid4().hex[:8]}"
    iam.create_user(UserName=name)
    if paths:
        statement = {"Effect": "Allow", "Action": "execute-api:Invoke", "Resource": paths}
        policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
        iam.put_user_policy(UserName=name, PolicyName="invoke", PolicyDocument=policy)
    key = iam.create_access_key(UserName=name)["AccessKey"]
    return Credentials(key["AccessKeyId"], key["SecretAccessKey"])


def problem(response: httpx.Response) -> tuple[int, str]:
    """Return the status and the code of a problem document."""
    assert response.headers["content-type"] == "application/problem+json"
    return response.status_code, response.json()["code"]


def test_unsigned_and_wrongly_signed_requests_are_refused(api: Api) -> None:
    """Without a signature the API asks for one; a wrong one is forbidden."""
    assert problem(api.get("stats", None)) == (401, "unauthorized")
    own = own_key()
    assert problem(api.get("stats", Credentials(own.access_key, "wrong"))) == (403, "forbidden")
    assert problem(api.get("stats", Credentials("LKIAQAAAAAAAABCDEFGH", "x"))) == (403, "forbidden")
    assert api.get("stats", own).status_code == 200


def test_a_caller_needs_the_permission_for_the_path(api: Api) -> None:
    """A user may invoke the methods and paths in its policy, and no others."""
    region = boto3.Session().region_name
    arn = f"arn:aws:execute-api:{region}:{ACCOUNT}:{api.id}/api/GET/stats"
    assert problem(api.get("stats", caller())) == (403, "forbidden")
    user = caller(arn)
    assert api.get("stats", user).status_code == 200
    assert problem(api.get("images", user)) == (403, "forbidden")


def test_preflights_need_no_signature(api: Api) -> None:
    """A browser signs no preflight."""
    headers = {"origin": "https://app.example", "access-control-request-method": "GET"}
    response = httpx.options(f"{api.url}/stats", headers=headers, timeout=LIMIT)
    assert response.status_code == 204
