"""Tests of localstack_init."""
