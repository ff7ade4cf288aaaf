"""Tests of the engine's operations, one file each, and of what they have in common."""
