"""Tests of processor/step_functions."""
