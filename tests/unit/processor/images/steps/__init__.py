"""Tests of the engine's steps, one file each, and of what they have in common."""
