"""Tests of the rules for templates."""
