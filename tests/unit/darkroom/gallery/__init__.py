"""Tests of darkroom.gallery."""
