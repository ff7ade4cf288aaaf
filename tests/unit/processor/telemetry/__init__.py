"""Tests of processor/telemetry."""
