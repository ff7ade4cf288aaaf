"""Static rules for the templates, beyond what cfn-lint says: ``python -m tests.assurance``."""
