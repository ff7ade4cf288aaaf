"""Hostile web pages in a real Chromium, each judged by its effect on the emulator."""
