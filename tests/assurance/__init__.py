"""Checks of templates and policies: ``python -m tests.assurance``."""
