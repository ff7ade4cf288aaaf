"""Variants on the fly: rendered when their URL is first requested, and stored."""
