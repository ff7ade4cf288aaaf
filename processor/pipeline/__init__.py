"""The work on one image: load, moderate, render, store, commit."""
