"""LocalStack's loader of templates, on libyaml, which takes a tenth of the time."""

import yaml  # type: ignore[import-untyped]
from localstack.services.cloudformation.engine.yaml_parser import NoDatesSafeLoader


class Loader(yaml.CSafeLoader):  # type: ignore[misc]
    """Constructs what LocalStack's loader does."""

    yaml_constructors = NoDatesSafeLoader.yaml_constructors
    yaml_multi_constructors = NoDatesSafeLoader.yaml_multi_constructors
