"""Tests of processor/storage."""
