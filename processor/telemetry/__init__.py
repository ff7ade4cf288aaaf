"""Observation of the work: log lines, metrics, traces and timings. It changes nothing."""
