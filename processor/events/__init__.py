"""Events of outcomes: records of the catalog's stream become events of the stack's bus."""
