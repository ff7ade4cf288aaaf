"""Tests of processor/catalog."""
