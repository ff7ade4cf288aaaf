"""Tests of darkroom."""
