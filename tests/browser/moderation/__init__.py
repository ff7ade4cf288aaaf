"""Browser tests of labels, reviews and workflows, on a stack that analyzes every image."""
