"""The contact sheet: every operation of the engine on one photograph."""
