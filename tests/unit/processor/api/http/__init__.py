"""Tests of processor/api/http."""
