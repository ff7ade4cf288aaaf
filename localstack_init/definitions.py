"""The template as it is deployed: with the API, the dashboard and the state machine in it."""

import json
from pathlib import Path
from typing import Any

import yaml

from localstack_init.build import PACKAGES, PROJECT, Artifact, BuildError, builds_of, digest_of
from localstack_init.dashboard import dashboard
from localstack_init.edge_code import EDGE, MOST_FUNCTION_BYTES, compact, imgproxy_function
from localstack_init.function_code import check_recipes
from localstack_init.gateway import definition
from localstack_init.template import read_functions

TEMPLATE = Path(__file__).parent / "template.yaml"
WORKFLOW = Path(__file__).parent / "workflow.asl.json"
OPENAPI = PROJECT / "docs" / "reference" / "openapi.yaml"

EDGE_FUNCTION = EDGE / "variants.js"
RECIPES = PACKAGES / "processor" / "recipes.json"

MOST_BYTES = 1_000_000
"""CloudFormation's limit for a template in S3.
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html"""

DATA_STORES = ("RawBucket", "ProcessedBucket", "Catalog")
"""Resources that a protected stack does not replace or delete."""


def build_template(api_auth: str, *, protected: bool = False) -> Artifact:
    """Build the template as JSON. Raises ``BuildError``.

    The name of the API's deployment has a digest of its definition and of the parameter ApiAuth:
    methods keep their authorization until a new deployment. The data stores of a ``protected``
    stack are kept when it is deleted.
    """
    template = read_functions(TEMPLATE.read_text())
    resources = template["Resources"]
    api = definition(yaml.safe_load(OPENAPI.read_text()))
    resources["Api"]["Properties"]["Body"] = api
    resources["Dashboard"]["Properties"]["DashboardBody"] = dashboard()
    resources["VariantRequests"]["Properties"]["FunctionCode"] = edge_function()
    resources["ImgproxyRequests"]["Properties"]["FunctionCode"] = imgproxy_function()
    if protected:
        _protect(resources)
    machine = json.loads(WORKFLOW.read_text())
    resources["Workflow"]["Properties"]["DefinitionString"] = json.dumps(machine)
    digest = digest_of(f"{json.dumps(api)} {api_auth}".encode())
    text = json.dumps(template).replace('"ApiDeployment"', f'"ApiDeployment{digest[:8]}"')
    digest = digest_of(text.encode())
    path = builds_of(PROJECT) / f"template-{digest}.json"
    path.write_text(text)
    return Artifact(path, f"template/{digest}.json")


def edge_function() -> dict[str, object]:
    """Return the code of the edge function as a template's value, without comments and indents.

    It has the names of all renditions of the pipeline's recipes. Raises ``BuildError``.
    """
    code = compact(EDGE_FUNCTION.read_text())
    document = RECIPES.read_bytes()
    check_recipes(document)
    try:
        recipes = json.loads(document).values()
        names = (each["name"] for one in recipes for each in one["renditions"])
        listed = ",".join(dict.fromkeys(names))
    except (AttributeError, KeyError, TypeError) as error:
        raise BuildError(
            f"A recipe in {RECIPES.name} has no list of renditions with names. To see which, run "
            "`darkroom recipes --file processor/recipes.json`."
        ) from error
    if (size := len(code) + len(listed)) > MOST_FUNCTION_BYTES:
        raise BuildError(
            f"The edge function has {size:,} bytes with the names of all renditions in "
            f"processor/recipes.json; CloudFront allows {MOST_FUNCTION_BYTES:,}. Shorten the names."
        )
    return {"Fn::Sub": [code, {"RenditionNames": listed}]}


def _protect(resources: dict[str, Any]) -> None:
    """Keep the data stores when the stack is deleted, and the table from other deletions.

    Conditions cannot set these: a deletion policy allows no functions. A failed creation deletes
    the stores, because the next attempt needs their names.
    https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-attribute-deletionpolicy.html
    """
    for name in DATA_STORES:
        resources[name]["DeletionPolicy"] = "RetainExceptOnCreate"
    resources["Catalog"]["Properties"]["DeletionProtectionEnabled"] = True
