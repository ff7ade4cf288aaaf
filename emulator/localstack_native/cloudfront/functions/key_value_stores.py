"""API operations of key value stores: the control plane, in CloudFront's API.

https://docs.aws.amazon.com/cloudfront/latest/APIReference/API_CreateKeyValueStore.html
https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/kvs-with-functions-create-s3-kvp.html
"""

import json
import re
from collections.abc import Mapping
from typing import Any

from botocore.exceptions import ClientError
from localstack.aws.api import RequestContext, handler
from localstack.aws.connect import connect_to

from localstack_native.access.enforcement import refusal_on_behalf
from localstack_native.access.operations import Required
from localstack_native.cloudfront.errors import error
from localstack_native.cloudfront.functions import values
from localstack_native.cloudfront.functions.models import KeyValueStore, now
from localstack_native.cloudfront.identifiers import new_id
from localstack_native.cloudfront.policies import Output, check_version, listing, paged
from localstack_native.cloudfront.store import CloudFrontStore, store_of

_NAME = re.compile(r"[a-zA-Z0-9-_]{1,64}")
_SOURCE = re.compile(r"arn:aws[a-z-]*:s3:::(?P<bucket>[^/]+)/(?P<key>.+)", re.DOTALL)


class KeyValueStoreOperations:
    """Key value stores. They are ready when they are created."""

    @handler("CreateKeyValueStore", expand=False)
    def create_key_value_store(self, context: RequestContext, request: Mapping[str, Any]) -> Output:
        """Create a key value store, with the values of a file in S3 if there is one."""
        store, name = store_of(context.account_id), request["Name"]
        if not _NAME.fullmatch(name):
            raise error("InvalidArgument", "A store's name has letters, digits, - and _.")
        if name in store.key_value_stores:
            raise error("EntityAlreadyExists", f"A key value store with the name {name} exists.")
        made = KeyValueStore(name, context.account_id, request.get("Comment") or "")
        if source := request.get("ImportSource"):
            made.values = _imported(context, source)
        store.key_value_stores[name] = made
        return {**_response(made), "Location": f"/2020-05-31/key-value-store/{name}"}

    @handler("DescribeKeyValueStore", expand=False)
    def describe_key_value_store(
        self, context: RequestContext, request: Mapping[str, Any]
    ) -> Output:
        """Return a key value store."""
        return _response(_find(store_of(context.account_id), request))

    @handler("UpdateKeyValueStore", expand=False)
    def update_key_value_store(self, context: RequestContext, request: Mapping[str, Any]) -> Output:
        """Replace the comment; the version of the values stays."""
        found = _find(store_of(context.account_id), request)
        check_version(found, request.get("IfMatch"))
        found.comment, found.etag, found.modified = request["Comment"], new_id(), now()
        return _response(found)

    @handler("DeleteKeyValueStore", expand=False)
    def delete_key_value_store(self, context: RequestContext, request: Mapping[str, Any]) -> Output:
        """Delete a key value store that no function uses."""
        store = store_of(context.account_id)
        found = _find(store, request)
        check_version(found, request.get("IfMatch"))
        users = [each.name for each in store.functions.values() if found.arn in each.stores()]
        if users:
            raise error(
                "CannotDeleteEntityWhileInUse",
                f"Functions use the key value store: {', '.join(users)}.",
            )
        del store.key_value_stores[found.name]
        return {}

    @handler("ListKeyValueStores", expand=False)
    def list_key_value_stores(self, context: RequestContext, request: Mapping[str, Any]) -> Output:
        """Return a page of key value stores."""
        items = [
            (name, _described(each))
            for name, each in store_of(context.account_id).key_value_stores.items()
            if request.get("Status") in {None, "", "READY"}
        ]
        page = listing(*paged(items, request), request)
        return {
            "KeyValueStoreList": {
                name: page[name] for name in page if name not in {"Marker", "IsTruncated"}
            }
        }


def _find(store: CloudFrontStore, request: Mapping[str, Any]) -> KeyValueStore:
    found = store.key_value_stores.get(request["Name"])
    if found is None:
        raise error("EntityNotFound", "The key value store was not found.")
    return found


def _response(found: KeyValueStore) -> Output:
    return {"KeyValueStore": _described(found), "ETag": found.etag}


def _described(found: KeyValueStore) -> Output:
    return {
        "Name": found.name,
        "Id": found.id,
        "Comment": found.comment,
        "ARN": found.arn,
        "Status": "READY",
        "LastModifiedTime": found.modified,
    }


def _imported(context: RequestContext, source: Mapping[str, Any]) -> dict[str, str]:
    """Return the values of a file in S3, ``{"data": [{"key": …, "value": …}]}``."""
    where = _SOURCE.fullmatch(source.get("SourceARN") or "")
    if source.get("SourceType") != "S3" or where is None:
        raise error("InvalidArgument", "ImportSource needs SourceType S3 and an object's ARN.")
    if refusal := refusal_on_behalf(context, Required("s3:GetObject", source["SourceARN"])):
        raise error("AccessDenied", refusal)
    s3 = connect_to(aws_access_key_id=context.account_id).s3
    try:
        data = s3.get_object(Bucket=where["bucket"], Key=where["key"])["Body"].read()
        pairs = {each["key"]: each["value"] for each in json.loads(data)["data"]}
        return values.checked(pairs)
    except ClientError as failure:
        raise error("InvalidArgument", f"The import source can't be read: {failure}") from failure
    except (ValueError, KeyError, TypeError) as failure:
        raise error("InvalidArgument", f"The import source is not valid: {failure}") from failure
