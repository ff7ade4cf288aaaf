"""Checks of the repository's texts: documentation, Makefile, workflows and contracts agree.

``python -m tests.checks`` runs all of them. Each module has a function ``problems`` that yields a
line for each problem: the file, what is wrong, and what to do.
"""
