"""Tests of darkroom/dev."""
