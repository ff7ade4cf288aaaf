"""Tests of processor/images/plan."""
