"""Tests against a running cloud."""
