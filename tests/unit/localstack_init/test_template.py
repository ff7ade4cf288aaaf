"""The stack's template."""

from localstack_init.definitions import TEMPLATE
from localstack_init.template import read_template

RESOURCES = read_template(TEMPLATE.read_text())["Resources"]


def test_which_errors_the_edge_caches() -> None:
    """Missing renditions and overload, for seconds; not what depends on the caller or the query."""
    config = RESOURCES["Distribution"]["Properties"]["DistributionConfig"]
    seconds = {
        each["ErrorCode"]: each["ErrorCachingMinTTL"] for each in config["CustomErrorResponses"]
    }
    assert seconds == {403: 0, 404: 5, 500: 0, 502: 0, 503: 1, 504: 0}
