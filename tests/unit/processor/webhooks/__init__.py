"""Tests of processor/webhooks."""
