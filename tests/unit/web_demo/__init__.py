"""Tests of web_demo."""
