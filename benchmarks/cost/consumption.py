"""Measured consumption of one image, and of the machine."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Consumption:
    """Consumption of one image with one recipe, from its upload to its entry."""

    megapixels: float
    recipe: str
    original_bytes: int
    renditions: int
    rendition_bytes: int
    """Bytes of all renditions together."""
    cpu: float
    """CPU seconds on this machine."""
    cpu_without_resizer: float
    """CPU seconds without the SIMD resizer, as on arm64."""
    puts: float
    gets: float
    writes: float
    """Write request units of DynamoDB, for the table and its indexes."""
    reads: float
    item_bytes: int
    """Bytes of the finished entry, as DynamoDB counts them."""
    log_bytes: float
    """Bytes of the function's log lines, as CloudWatch counts them."""
    changes_cpu: float
    """CPU seconds of the function that follows the catalog's stream."""
    changes_invocations: float
    changes_writes: float
    """Write units of the index and the feed, without those of buckets."""
    changes_buckets: float
    """Changes of buckets of perceptual hashes."""
    changes_reads: float
    changes_events: float
    changes_log_bytes: float
    index_bytes: float
    """Bytes of the image in the index, as DynamoDB stores them."""


@dataclass(frozen=True, slots=True)
class VariantConsumption:
    """Consumption of the first request of a variant: of its function, which renders and stores."""

    megapixels: float
    """Of the original."""
    name: str
    """Options and format, such as ``w_800.webp``."""
    variant_bytes: int
    cpu: float
    """CPU seconds on this machine."""
    cpu_without_resizer: float
    puts: float
    lists: float
    gets: float
    reads: float
    log_bytes: float


@dataclass(frozen=True, slots=True)
class Machine:
    """Properties of the machine and the stack, independent of the image."""

    name: str
    python: str
    init: float
    """CPU seconds of the function's initialization."""
    memory: int
    """Memory of the function in megabytes (FunctionMemory)."""
    api_memory: int
    changes_memory: int
    """Memory of the function that follows the catalog's stream."""
    timeout: int
    """Timeout of the function in seconds (FunctionTimeout)."""
    log_days: int
    methods: int
    """Number of the API's methods, which have metrics each."""
    alarm_metrics: int
    """Number of billed alarm metrics: an alarm on a ratio has two."""
    dashboards: int
    own_metrics: int
    """Number of metrics in the namespace Darkroom that a stack with variants always has."""
    invocation_log_bytes: int
    """Bytes of Lambda's own log lines for an invocation."""
