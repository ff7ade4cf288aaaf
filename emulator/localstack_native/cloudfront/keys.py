"""API operations of public keys and key groups, which verify signed URLs and cookies.

https://docs.aws.amazon.com/cloudfront/latest/APIReference/API_CreatePublicKey.html
https://docs.aws.amazon.com/cloudfront/latest/APIReference/API_CreateKeyGroup.html
"""

from typing import Any

from localstack_native.cloudfront.errors import error
from localstack_native.cloudfront.policies import Kind, Output, ResourceOperations, behaviors
from localstack_native.cloudfront.signed_requests import key_groups, public_key
from localstack_native.cloudfront.store import CloudFrontStore, Resource

PUBLIC_KEY = Kind("PublicKey", "public_keys", "PublicKeys", {})
KEY_GROUP = Kind("KeyGroup", "key_groups", "KeyGroups", {})


class PublicKeyOperations(ResourceOperations):
    """Public keys. Only their comments can be changed."""

    def __init__(self) -> None:
        super().__init__(PUBLIC_KEY, lambda _: None)

    def _check_config(
        self, store: CloudFrontStore, config: dict[str, Any], old: Resource | None
    ) -> None:
        if old is not None:
            if {**old.config, "Comment": ""} != {**config, "Comment": ""}:
                raise error(
                    "CannotChangeImmutablePublicKeyFields",
                    "Only the comment of a public key can be changed.",
                )
            return
        try:
            public_key(config["EncodedKey"])
        except ValueError as failure:
            raise error("InvalidArgument", f"EncodedKey is not valid: {failure}") from failure
        super()._check_config(store, config, old)

    def _users(self, store: CloudFrontStore, id_: str) -> list[str]:
        return [each.id for each in store.key_groups.values() if id_ in each.config["Items"]]

    def _described(self, resource: Resource) -> Output:
        return {
            "Id": resource.id,
            "CreatedTime": resource.modified,
            "PublicKeyConfig": resource.config,
        }

    def _summary(self, resource: Resource) -> Output:
        return {
            "Comment": "",
            **resource.config,
            "Id": resource.id,
            "CreatedTime": resource.modified,
        }


class KeyGroupOperations(ResourceOperations):
    """Key groups, which behaviors trust."""

    def __init__(self) -> None:
        super().__init__(KEY_GROUP, lambda _: None)

    def _check_config(
        self, store: CloudFrontStore, config: dict[str, Any], old: Resource | None
    ) -> None:
        missing = [id_ for id_ in config["Items"] if id_ not in store.public_keys]
        if missing or not config["Items"]:
            raise error("InvalidArgument", f"A key group needs public keys that exist: {missing}")
        super()._check_config(store, config, old)

    def _users(self, store: CloudFrontStore, id_: str) -> list[str]:
        return [
            each.id
            for each in store.distributions.values()
            if any(id_ in key_groups(behavior) for behavior in behaviors(each.config))
        ]

    def _described(self, resource: Resource) -> Output:
        return {
            "Id": resource.id,
            "LastModifiedTime": resource.modified,
            "KeyGroupConfig": resource.config,
        }

    def _summary(self, resource: Resource) -> Output:
        return {"KeyGroup": self._described(resource)}
