"""The service ``cloudfront-keyvaluestore``: keys and values of key value stores.

https://docs.aws.amazon.com/cloudfront/latest/APIReference/API_Operations_Amazon_CloudFront_KeyValueStore.html
"""

from collections.abc import Mapping
from threading import Lock
from typing import Any

from localstack.aws.api import CommonServiceException, RequestContext, handler
from localstack.services.plugins import Service, ServiceLifecycleHook

from localstack_native.cloudfront.functions import values
from localstack_native.cloudfront.functions.models import KeyValueStore
from localstack_native.cloudfront.policies import Output
from localstack_native.cloudfront.store import store_of

_BATCH = 50
"""Keys that one request can change."""

_PAGE = 10


class KeyValueStoreProvider(ServiceLifecycleHook):
    """Reads and writes of keys. Functions see a write immediately."""

    service = "cloudfront-keyvaluestore"

    def __init__(self) -> None:
        self._lock = Lock()

    @handler("DescribeKeyValueStore", expand=False)
    def describe_key_value_store(
        self, context: RequestContext, request: Mapping[str, Any]
    ) -> Output:
        """Return the number and size of the values, with their version."""
        found = _find(context, request)
        return {
            **_metrics(found),
            "KvsARN": found.arn,
            "Created": found.created,
            "LastModified": found.values_modified,
            "ETag": found.values_etag,
            "Status": "READY",
        }

    @handler("GetKey", expand=False)
    def get_key(self, context: RequestContext, request: Mapping[str, Any]) -> Output:
        """Return the value of a key."""
        found, key = _find(context, request), request["Key"]
        if key not in found.values:
            raise _missing(f"The key {key} does not exist.")
        return {"Key": key, "Value": found.values[key], **_metrics(found)}

    @handler("ListKeys", expand=False)
    def list_keys(self, context: RequestContext, request: Mapping[str, Any]) -> Output:
        """Return a page of keys with their values."""
        found = _find(context, request)
        size, after = int(request.get("MaxResults") or _PAGE), request.get("NextToken") or ""
        if not 1 <= size <= _BATCH:
            raise _error("ValidationException", f"MaxResults must be from 1 to {_BATCH}.", 400)
        rest = sorted(each for each in found.values.items() if each[0] > after)
        page = rest[:size]
        items = [{"Key": key, "Value": value} for key, value in page]
        return {"Items": items, **({"NextToken": page[-1][0]} if len(rest) > size else {})}

    @handler("PutKey", expand=False)
    def put_key(self, context: RequestContext, request: Mapping[str, Any]) -> Output:
        """Set the value of a key."""
        return self._change(context, request, {request["Key"]: request["Value"]}, [])

    @handler("DeleteKey", expand=False)
    def delete_key(self, context: RequestContext, request: Mapping[str, Any]) -> Output:
        """Delete a key."""
        return self._change(context, request, {}, [request["Key"]])

    @handler("UpdateKeys", expand=False)
    def update_keys(self, context: RequestContext, request: Mapping[str, Any]) -> Output:
        """Set and delete several keys, all or none."""
        puts, deletes = request.get("Puts") or [], request.get("Deletes") or []
        keys = [each["Key"] for each in [*puts, *deletes]]
        if not 1 <= len(keys) <= _BATCH or len(set(keys)) != len(keys):
            raise _error(
                "ValidationException", f"A request changes 1 to {_BATCH} keys, each once.", 400
            )
        pairs = {each["Key"]: each["Value"] for each in puts}
        return self._change(context, request, pairs, [each["Key"] for each in deletes])

    def _change(
        self,
        context: RequestContext,
        request: Mapping[str, Any],
        puts: Mapping[str, str],
        deletes: list[str],
    ) -> Output:
        with self._lock:
            found = _find(context, request)
            if request.get("IfMatch") != found.values_etag:
                raise _error(
                    "ConflictException",
                    "If-Match is not the current version: get it by DescribeKeyValueStore.",
                    409,
                )
            for key in deletes:
                if key not in found.values:
                    raise _missing(f"The key {key} does not exist.")
            kept = {key: value for key, value in found.values.items() if key not in deletes}
            try:
                changed = values.checked({**kept, **puts})
            except values.QuotaError as failure:
                raise _error("ServiceQuotaExceededException", str(failure), 402) from failure
            except (ValueError, TypeError) as failure:
                raise _error("ValidationException", str(failure), 400) from failure
            found.replace_values(changed)
            return {**_metrics(found), "ETag": found.values_etag}


def service() -> Service:
    """Return the service."""
    return Service.for_provider(KeyValueStoreProvider())


def _find(context: RequestContext, request: Mapping[str, Any]) -> KeyValueStore:
    arn = request["KvsARN"]
    for each in store_of(context.account_id).key_value_stores.values():
        if each.arn == arn:
            return each
    raise _missing(f"The key value store {arn} does not exist.")


def _metrics(found: KeyValueStore) -> Output:
    return {"ItemCount": len(found.values), "TotalSizeInBytes": found.size}


def _missing(message: str) -> CommonServiceException:
    return _error("ResourceNotFoundException", message, 404)


def _error(code: str, message: str, status: int) -> CommonServiceException:
    return CommonServiceException(code, message, status, sender_fault=True)
