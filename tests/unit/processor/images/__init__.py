"""Tests of processor/images."""
