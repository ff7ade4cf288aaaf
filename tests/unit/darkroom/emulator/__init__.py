"""Tests of darkroom/emulator."""
