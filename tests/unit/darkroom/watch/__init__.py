"""Tests of darkroom/watch."""
