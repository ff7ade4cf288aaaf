"""Cache behaviors: matching of a path with the path patterns of a distribution.

https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/DownloadDistValuesCacheBehavior.html
("Path pattern": case-sensitive, ``*`` for any characters, ``?`` for one, with or without a leading
``/``; the first match applies, else the default behavior.)
"""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from localstack_native.cloudfront.policies import behaviors


def behavior_of(config: Mapping[str, Any], path: str) -> Mapping[str, Any]:
    """Return the first behavior whose pattern matches the path, or the default behavior."""
    *named, default = behaviors(config)
    for behavior in named:
        if matches(behavior["PathPattern"], path):
            return behavior
    return default


def matches(pattern: str, path: str) -> bool:
    """Return whether a path pattern matches the whole path."""
    return _expression(pattern).fullmatch(path) is not None


@lru_cache(maxsize=1024)
def _expression(pattern: str) -> re.Pattern[str]:
    absolute = pattern if pattern.startswith(("/", "*")) else f"/{pattern}"
    wild = re.escape(absolute).replace(r"\*", ".*").replace(r"\?", ".")
    return re.compile(wild, re.DOTALL)
