"""Benchmarks: run them by hand, on an idle machine."""
