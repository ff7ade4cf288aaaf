"""Tests of processor/images/describe."""
