"""What the functions are told by their environment, read once and checked."""

import os
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Settings:
    """Names of the resources that the template made, and the room there is for the work."""

    raw_bucket: str
    processed_bucket: str
    site_bucket: str
    catalog_table: str
    queue_url: str
    stack_name: str
    tracing: str
    """``on`` if attempts are told to X-Ray."""
    aws_lambda_function_memory_size: str
    """Megabytes; set by Lambda."""

    @property
    def buckets(self) -> dict[str, str]:
        """The buckets by the names that recipes have for them."""
        return {
            "raw": self.raw_bucket,
            "processed": self.processed_bucket,
            "site": self.site_bucket,
        }

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> "Settings":
        """Read the variables that have the names of the fields, in capitals.

        Raises ``LookupError`` that names the variables that are missing.
        """
        names = [field.upper() for field in cls.__dataclass_fields__]
        missing = [name for name in names if not environment.get(name)]
        if missing:
            raise LookupError(
                f"The environment lacks {', '.join(missing)}. localstack_init/template.yaml sets "
                "them on the function."
            )
        return cls(*(environment[name] for name in names))
