"""The targets of the Makefile."""

import re

from localstack_init.build import PROJECT

TARGETS = frozenset(re.findall(r"^([a-z-]+):", (PROJECT / "Makefile").read_text(), re.MULTILINE))
