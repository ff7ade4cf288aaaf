"""Tests of text: fonts, layout, right-to-left scripts."""
