"""Tests of processor/moderation."""
