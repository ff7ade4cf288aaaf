"""Events of outcomes."""
