"""The deployed pipeline while calls fail, processes die, and messages come late or twice."""
