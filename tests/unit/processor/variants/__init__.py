"""Tests of variants on the fly."""
