"""Tests of darkroom.engine."""
