"""Tests of darkroom/commands."""
