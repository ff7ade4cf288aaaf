"""What one picture takes, as it was measured."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Consumption:
    """One picture, through one recipe, from its upload to its entry."""

    megapixels: float
    recipe: str
    original_bytes: int
    renditions: int
    rendition_bytes: int
    """Of all renditions together."""
    cpu: float
    """Seconds of one core of this machine."""
    cpu_without_resizer: float
    """The same where the fast resizer is missing, as on arm64."""
    puts: float
    gets: float
    writes: float
    """DynamoDB's write request units, those of the index included."""
    reads: float
    item_bytes: int
    """Of the finished entry, as DynamoDB counts them."""
    log_bytes: float
    """That the function writes about the picture, as CloudWatch counts them."""


@dataclass(frozen=True, slots=True)
class Machine:
    """What does not depend on the picture."""

    name: str
    python: str
    init: float
    """Seconds of one core until the function can take its first event."""
    memory: int
    """Megabytes of the function: the template's FunctionMemory."""
    api_memory: int
    timeout: int
    """Seconds: FunctionTimeout."""
    log_days: int
    methods: int
    """Routes of the API: each has metrics of its own."""
    alarm_metrics: int
    """What CloudWatch asks money for in alarms: a rate of two metrics is two."""
    dashboards: int
    own_metrics: int
    """Those of namespace Darkroom that are always there."""
    invocation_log_bytes: int
    """What Lambda itself logs about an invocation."""
