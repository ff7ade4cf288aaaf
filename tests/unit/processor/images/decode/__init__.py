"""Tests of processor/images/decode."""
