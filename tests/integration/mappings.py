"""A function's event source mapping, turned off and on."""

import boto3

from .waiting import wait_for


def set_mapping(function: str, *, enabled: bool) -> None:
    """Enable or disable a function's only mapping; return when that has happened.

    A mapping is disabled when the batches that it has received are done.
    """
    client = boto3.client("lambda")
    (mapping,) = client.list_event_source_mappings(FunctionName=function)["EventSourceMappings"]
    client.update_event_source_mapping(UUID=mapping["UUID"], Enabled=enabled)
    wanted = "Enabled" if enabled else "Disabled"
    wait_for(
        lambda: client.get_event_source_mapping(UUID=mapping["UUID"])["State"] == wanted,
    )
