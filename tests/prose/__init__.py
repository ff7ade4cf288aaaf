"""Lint prose by our style: ``python -m tests.prose`` checks every text that a reader sees.

The style is data (style.toml), in the manner of Vale's styles; proselint runs it.
"""
