"""CloudFormation: updates in place, replacements, rollbacks, change sets, protection."""
