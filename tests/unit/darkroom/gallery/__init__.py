"""Tests of darkroom/gallery."""
