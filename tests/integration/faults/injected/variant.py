"""The entry point of the function that responds to requests for variants."""

from processor.handlers.variant import handler

__all__ = ["handler"]
