"""Tests of the prose linter."""
