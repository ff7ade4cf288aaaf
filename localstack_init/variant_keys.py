"""The first signing key of variants, in the stack's CloudFront KeyValueStore, and the API's copy.

https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/kvs-with-functions-kvp.html
"""

import base64
import os
import re
import secrets
from typing import TYPE_CHECKING, Any

import boto3
from botocore.exceptions import ClientError

from localstack_init.cloudformation import Say

if TYPE_CHECKING:
    from mypy_boto3_cloudfront_keyvaluestore import CloudFrontKeyValueStoreClient

CURRENT = "current"
KEY_BYTES = 32


def ensure_signing_key(store: str, say: Say, session: boto3.Session) -> str:
    """Return the current key of the store with that ARN; create it if there is none.

    No output, template or log has the key.
    """
    client = key_value_client(session)
    etag = client.describe_key_value_store(KvsARN=store)["ETag"]
    if found := _current(client, store):
        return found
    key = new_key()
    try:
        client.put_key(KvsARN=store, IfMatch=etag, Key=CURRENT, Value=key)
    except ClientError as error:
        # Another deployment was first.
        if error.response["Error"]["Code"] == "ConflictException" and (
            found := _current(client, store)
        ):
            return found
        raise
    say("Created a key that signs the URLs of variants")
    return key


def copy_name(stack: str) -> str:
    """Return the name of the SSM parameter with the copy of a stack's key."""
    return f"/darkroom/{stack}/variant-signing-key"


def copy_signing_key(parameter: str, key: str, say: Say, session: boto3.Session) -> None:
    """Store the current key in the SSM parameter, by which the API signs, unless it is there.

    A rotation changes the store first: the copy is then the previous key, whose URLs are valid.
    """
    ssm = session.client("ssm")
    try:
        known = ssm.get_parameter(Name=parameter, WithDecryption=True)["Parameter"]["Value"]
    except ssm.exceptions.ParameterNotFound:
        known = ""
    if known != key:
        ssm.put_parameter(Name=parameter, Value=key, Type="SecureString", Overwrite=True)
        say("Copied the key that signs the URLs of variants for the API")


def new_key() -> str:
    """Return a random key: 32 bytes as base64url without padding."""
    return base64.urlsafe_b64encode(secrets.token_bytes(KEY_BYTES)).rstrip(b"=").decode()


def key_value_client(session: boto3.Session) -> "CloudFrontKeyValueStoreClient":
    """Return a client for the values of key value stores.

    botocore puts the account's id before the host of an endpoint. Of one in AWS_ENDPOINT_URL it is
    removed: name servers may not know such a host.
    """
    client: CloudFrontKeyValueStoreClient = session.client("cloudfront-keyvaluestore")
    if os.environ.get("AWS_ENDPOINT_URL"):
        client.meta.events.register("before-sign.cloudfront-keyvaluestore", _without_account)
    return client


def _without_account(request: Any, **_: object) -> None:  # noqa: ANN401 (botocore's AWSRequest)
    request.url = re.sub(r"(?<=//)[0-9]{12}\.", "", request.url, count=1)


def _current(client: "CloudFrontKeyValueStoreClient", store: str) -> str:
    """Return the current key; an empty text if there is none."""
    try:
        return client.get_key(KvsARN=store, Key=CURRENT)["Value"]
    except client.exceptions.ResourceNotFoundException:
        return ""
