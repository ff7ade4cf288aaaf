"""Tests of processor/handlers."""
