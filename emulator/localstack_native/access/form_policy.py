"""POST policies: the conditions that a form must satisfy.

https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-HTTPPOSTConstructPolicy.html
"""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from localstack.aws.api.s3 import AccessDenied, EntityTooLarge, EntityTooSmall
from localstack.services.s3.constants import S3_HOST_ID

from localstack_native.access.credentials import AccessError

# "Each form field that you specify in a form (except x-amz-signature, file, policy, and field names
# that have an x-ignore- prefix) must appear in the list of conditions"; in addition, the two fields
# of version 2 that no policy can name.
_UNNAMED = {"x-amz-signature", "file", "policy", "awsaccesskeyid", "signature"}
_IGNORED = "x-ignore-"


def check(document: bytes, fields: Mapping[str, str], size: int) -> None:
    """Check a form against its policy.

    ``fields`` have names in lower case, and include the bucket and the object's final key. ``size``
    is the file's size in bytes. Raises S3's errors: AccessDenied for a failed condition,
    EntityTooLarge, EntityTooSmall, InvalidPolicyDocument.
    """
    try:
        policy = json.loads(document)
    except ValueError as error:
        raise _invalid("Invalid JSON.") from error
    if not isinstance(policy, dict):
        raise _invalid("Invalid JSON.")
    if "expiration" not in policy:
        raise _invalid("Policy missing expiration.")
    if not isinstance(policy.get("conditions"), list):
        raise _invalid("Policy missing conditions.")
    if _date(policy["expiration"]) < datetime.now(UTC):
        raise _denied("Policy expired.")
    conditions = [_read(condition) for condition in policy["conditions"]]
    for operator, name, value in conditions:
        if operator == "content-length-range":
            _check_size(size, int(name), int(value))
        elif not _holds(operator, fields.get(name), name, value):
            shown = json.dumps([operator, f"${name}", value], ensure_ascii=False)
            raise _denied(f"Policy Condition failed: {shown}")
    named = {name for _, name, _ in conditions} | _UNNAMED
    extra = [name for name in fields if name not in named and not name.startswith(_IGNORED)]
    if extra:
        raise _denied(f"Extra input fields: {', '.join(sorted(extra))}")


def _read(condition: Any) -> tuple[str, str, str]:
    """Return a condition's operator, field and value; for a size range, operator and both ends."""
    if isinstance(condition, dict):
        if len(condition) != 1:
            raise _invalid(
                "Invalid Simple-Condition: Simple-Conditions must have exactly one property"
                " specified."
            )
        ((name, value),) = condition.items()
        operator = "eq"
    elif isinstance(condition, list) and len(condition) == 3 and isinstance(condition[0], str):
        operator, name, value = condition[0].lower(), condition[1], condition[2]
        if operator == "content-length-range":
            if not (str(name).isdecimal() and str(value).isdecimal()):
                raise _invalid("Invalid content-length-range: two numbers are needed.")
            return operator, str(name), str(value)
        if operator not in {"eq", "starts-with"}:
            raise _invalid(f"Invalid Condition: unknown operation '{operator}'.")
        if not (isinstance(name, str) and name.startswith("$")):
            raise _invalid("Invalid Condition: the field's name must begin with '$'.")
        name = name[1:]
    else:
        raise _invalid("Invalid Condition: an object or a list of three values is needed.")
    if not isinstance(value, str):
        raise _invalid("Invalid Condition: the value must be a string.")
    return operator, name.lower(), value


def _holds(operator: str, found: str | None, name: str, wanted: str) -> bool:
    if operator == "eq":
        return found == wanted
    # "Content-Types values for a starts-with condition that include commas are interpreted as
    # lists. Each value in the list must meet the condition for the whole condition to pass."
    values = (found or "").split(",") if name == "content-type" else [found or ""]
    return all(value.startswith(wanted) for value in values)


def _check_size(size: int, smallest: int, largest: int) -> None:
    if size < smallest:
        raise EntityTooSmall(
            "Your proposed upload is smaller than the minimum allowed size",
            ProposedSize=size,
            MinSizeAllowed=smallest,
        )
    if size > largest:
        raise EntityTooLarge(
            "Your proposed upload exceeds the maximum allowed size",
            ProposedSize=size,
            MaxSizeAllowed=largest,
            HostId=S3_HOST_ID,
        )


def _date(text: Any) -> datetime:
    for form in ("%Y-%m-%dT%H:%M:%SZ", "%Y-%m-%dT%H:%M:%S.%fZ"):
        try:
            return datetime.strptime(str(text), form).replace(tzinfo=UTC)
        except ValueError:
            continue
    raise _invalid(f"Invalid 'expiration' value: '{text}'")


def _invalid(why: str) -> AccessError:
    return AccessError("InvalidPolicyDocument", f"Invalid Policy: {why}", 400)


def _denied(why: str) -> AccessDenied:
    return AccessDenied(f"Invalid according to Policy: {why}", HostId=S3_HOST_ID)
