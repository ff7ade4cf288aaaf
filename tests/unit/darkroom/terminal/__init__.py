"""Tests of darkroom/terminal."""
