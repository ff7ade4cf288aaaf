"""Decoding: format detection, headers, memory estimate, pixels."""
