"""Tests of processor/pipeline."""
