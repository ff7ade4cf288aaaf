"""Tests of darkroom/engine."""
