"""Tests of darkroom/clients."""
