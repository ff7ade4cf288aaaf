"""Tests of processor/images/encode."""
