"""Signatures that a page's author makes at home, with keys that everybody knows or none knows."""

import json
from typing import Any
from urllib.parse import urlencode

import boto3
from botocore.auth import SigV4Auth, SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.credentials import Credentials

KNOWN = ("test", "test")
"""The key that LocalStack's documentation names."""

INVENTED = ("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY")

REGION = "us-east-1"


def presigned(base: str, bucket: str, key: str, signer: tuple[str, str] = KNOWN) -> str:
    """Return a link to an object, valid for an hour."""
    return str(
        _s3(base, signer).generate_presigned_url("get_object", {"Bucket": bucket, "Key": key})
    )


def presigned_put(base: str, bucket: str, key: str, signer: tuple[str, str] = KNOWN) -> str:
    """Return a URL that an object can be put to."""
    return str(
        _s3(base, signer).generate_presigned_url("put_object", {"Bucket": bucket, "Key": key})
    )


def presigned_form(
    base: str, bucket: str, key: str, media_type: str, signer: tuple[str, str] = KNOWN
) -> dict[str, Any]:
    """Return the URL and the fields of a form that uploads one object."""
    fields = {"Content-Type": media_type}
    form = _s3(base, signer).generate_presigned_post(bucket, key, fields, [fields])
    return dict(form)


def signed_query(
    base: str, service: str, parameters: dict[str, str], signer: tuple[str, str] = KNOWN
) -> str:
    """Return the URL of a query-protocol operation with the signature in its query."""
    request = AWSRequest("GET", f"{base}/?{urlencode(parameters)}")
    SigV4QueryAuth(Credentials(*signer), service, REGION, expires=3600).add_auth(request)
    return str(request.url)


def signed_json(
    base: str, service: str, target: str, body: object, signer: tuple[str, str] = KNOWN
) -> dict[str, Any]:
    """Return fetch's options for a JSON operation with the signature in its headers."""
    headers = {"X-Amz-Target": target, "Content-Type": "application/x-amz-json-1.1"}
    request = AWSRequest("POST", f"{base}/", headers=headers, data=json.dumps(body))
    SigV4Auth(Credentials(*signer), service, REGION).add_auth(request)
    return {"method": "POST", "headers": dict(request.headers.items()), "body": json.dumps(body)}


def signed_get(
    base: str, service: str, path: str, signer: tuple[str, str] = KNOWN
) -> dict[str, Any]:
    """Return fetch's options for a GET with the signature in its headers."""
    request = AWSRequest("GET", f"{base}{path}")
    request.headers["X-Amz-Content-SHA256"] = "UNSIGNED-PAYLOAD"
    SigV4Auth(Credentials(*signer), service, REGION).add_auth(request)
    return {"headers": dict(request.headers.items())}


def _s3(base: str, signer: tuple[str, str]) -> Any:
    return boto3.client(
        "s3",
        endpoint_url=base,
        region_name=REGION,
        aws_access_key_id=signer[0],
        aws_secret_access_key=signer[1],
        config=Config(signature_version="s3v4", s3={"addressing_style": "path"}),
    )
