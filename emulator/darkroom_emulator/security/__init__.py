"""Checks of every request: its Host, whether a browser sent it, and its signature."""
