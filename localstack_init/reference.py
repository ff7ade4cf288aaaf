"""Reference pages of the stack: its parameters, resources, permissions and outputs.

``python -m localstack_init.reference docs/reference`` writes them from the templates. A description
is a property ``Description`` of the template, and the comment above the name: comments are not sent
to CloudFormation, which limits a template's size.
"""

import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from localstack_init.documented import Template, plain, read, statements, when
from localstack_init.parameters import OWN
from localstack_init.permissions import Proofs, permissions_of

FOLDER = Path(__file__).parent

NAMES = {
    "AWS::ApiGateway::ApiKey": "Name",
    "AWS::ApiGateway::RestApi": "Name",
    "AWS::ApiGateway::UsagePlan": "UsagePlanName",
    "AWS::CloudWatch::Alarm": "AlarmName",
    "AWS::CloudWatch::Dashboard": "DashboardName",
    "AWS::DynamoDB::Table": "TableName",
    "AWS::Lambda::Function": "FunctionName",
    "AWS::Lambda::LayerVersion": "LayerName",
    "AWS::Logs::LogGroup": "LogGroupName",
    "AWS::S3::Bucket": "BucketName",
    "AWS::SNS::Topic": "TopicName",
    "AWS::SQS::Queue": "QueueName",
    "AWS::StepFunctions::StateMachine": "StateMachineName",
}
"""The property with a resource's name, by type. CloudFormation names the other types."""

MANY = 4
"""Actions of one service in one statement from which a table names the service once."""


def pages() -> dict[str, str]:
    """Return each page's text by its file name."""
    stack = read((FOLDER / "template.yaml").read_text())
    deployer = read((FOLDER / "deployer.yaml").read_text())
    account = read((FOLDER / "account.yaml").read_text())
    return {
        "parameters.md": parameters_page(stack),
        "resources.md": resources_page(stack, account),
        "permissions.md": permissions_page(stack, deployer),
        "outputs.md": outputs_page(stack),
    }


def undescribed(template: Template) -> Iterator[str]:
    """Yield the parameters, resources, statements and outputs without a description."""
    for section in ("Parameters", "Resources", "Outputs"):
        for name in template.sections.get(section, ()):
            if not template.description(section, name):
                yield name
    for name, resource in template.sections["Resources"].items():
        for statement, _ in statements(resource):
            if not template.reason(name, statement["Sid"]):
                yield f"{name}.{statement['Sid']}"


def parameters_page(template: Template) -> str:
    """Return the page of the parameters that an operator decides."""
    declared = template.sections["Parameters"]
    lines = [
        "# Parameters",
        "",
        'Settings of the stack. Pass them to `make deploy PARAMS="Name=Value Name=Value"`, or to',
        "`darkroom deploy --param Name=Value`, which also takes values with spaces. A parameter",
        "keeps the value of the last deployment until it is passed again. `make diff` shows the",
        "effect first.",
    ]
    for heading, names in _grouped(template, "Parameters"):
        rows = [
            (_code(name), _default(name, declared[name]), _values(declared[name]),
             _text(template, "Parameters", name))
            for name in names
        ]  # fmt: skip
        head = ("parameter", "default", "values", "description")
        lines += ["", f"## {heading}", "", *_table(head, rows)]
    return _page(lines, "template.yaml")


def resources_page(template: Template, account: Template) -> str:
    """Return the page of the resources, in the order of the data's way, and of the account's."""
    lines = [
        "# Resources",
        "",
        f"The {len(template.sections['Resources'])} resources of the stack. Those that AWS can tag",
        "have the tag `project=darkroom`. Beside the stack, the deploy script creates one bucket",
        "for code and layer, `<stack>-artifacts-<account>-<region>`. CloudFormation chooses the",
        "names that are not listed.",
    ]
    for heading, names in _grouped(template, "Resources"):
        lines += ["", f"## {heading}", "", *_resources_table(template, names)]
    lines += [
        "", "## The account", "",
        "The first deployment in an account and region creates the stack `darkroom-account`,",
        "unless API Gateway has a role for logs. All pipelines use it, and none deletes it.", "",
        *_resources_table(account, account.sections["Resources"]),
    ]  # fmt: skip
    return _page(lines, "template.yaml", "account.yaml")


def _resources_table(template: Template, names: Iterable[str]) -> list[str]:
    rows = []
    for name in names:
        resource = template.sections["Resources"][name]
        text = f"{_text(template, 'Resources', name)}{_condition(template, resource)}"
        kind = _code(resource["Type"].removeprefix("AWS::"))
        rows.append((_code(name), kind, _name(resource), text))
    return _table(("resource", "type (`AWS::`)", "name", "description"), rows)


def permissions_page(stack: Template, deployer: Template) -> str:
    """Return the page of all roles and resource policies, statement by statement."""
    lines = [
        "# Permissions",
        "",
        "Who may do what in the stack, and why: every statement of its roles and resource",
        "policies, and of the role that deploys from GitHub Actions. `make check` compares them",
        "with rules of least privilege (`tests/assurance`).",
        "",
        "## Roles of the stack",
        "",
        "With the parameter `RolesBoundary`, each role has that permissions boundary.",
    ]
    for name, role in _of_type(stack, "AWS::IAM::Role"):
        lines += ["", f"### {name}", "", _text(stack, "Resources", name), *_trust(role)]
        for policy in role["Properties"].get("ManagedPolicyArns", ()):
            lines += ["", f"Managed policy: {_code(plain(policy))}."]
        lines += _statement_table(stack, name, role)
    lines += ["", "## Resource policies of the stack"]
    for name, resource in stack.sections["Resources"].items():
        if resource["Type"] == "AWS::Lambda::Permission":
            lines += ["", f"### {name}", "", *_lambda_permission(stack, name, resource)]
        elif resource["Type"] != "AWS::IAM::Role" and "PolicyDocument" in resource["Properties"]:
            lines += ["", f"### {name}", "", _text(stack, "Resources", name)]
            lines += _statement_table(stack, name, resource)
    lines += [
        "",
        "## The role that deploys from GitHub Actions",
        "",
        "`localstack_init/deployer.yaml` creates it.",
        "[Deploy from GitHub Actions](../how-to/deploy-from-github-actions.md) sets it up.",
        "`<prefix>` is its parameter `StackPrefix`, `<table prefix>` its `TablePrefix`. `Boundary`",
        "grants nothing: it limits the stack's roles. The role has the other policies.",
    ]
    for name, policy in _of_type(deployer, "AWS::IAM::ManagedPolicy"):
        lines += ["", f"### {name}", "", _text(deployer, "Resources", name)]
        lines += _statement_table(deployer, name, policy)
    lines += _proofs(stack, Proofs.read())
    return _page(lines, "template.yaml", "deployer.yaml", "permissions.toml")


def _proofs(stack: Template, proofs: Proofs) -> list[str]:
    """Return the table of the flows that fail without a permission, and what happens in them."""
    rows = [
        (
            _code(each.holder),
            _code(each.action),
            _code(each.resource),
            " ".join(filter(None, [each.why, each.only_if])),
            each.flow or f"none: {each.unproven}",
        )
        for each in permissions_of(stack, proofs)
    ]
    flows = [(name, text) for name, text in proofs.flows.items()]
    return [
        "",
        "## What proves each permission",
        "",
        "The tests remove each permission alone from a deployed stack, and run a flow, which must",
        "fail. [Security](../explanation/security.md#permissions) explains it.",
        "`darkroom permissions --json` prints this table as JSON.",
        "",
        *_table(
            ("role or policy", "action", "resource", "why", "flow that fails without it"), rows
        ),
        "",
        "The flows:",
        "",
        *_table(("flow", "what happens"), flows),
    ]


def outputs_page(template: Template) -> str:
    """Return the page of the outputs."""
    lines = [
        "# Outputs",
        "",
        "Values that a deployed stack returns. `make outputs` prints them, with the same variables",
        "`PROFILE`, `REGION` and `ENV` as `make deploy`.",
        "",
    ]
    rows = [
        (_code(name), _text(template, "Outputs", name) + _condition(template, output))
        for name, output in template.sections["Outputs"].items()
    ]
    return _page([*lines, *_table(("output", "description"), rows)], "template.yaml")


def _page(lines: Iterable[str], *sources: str) -> str:
    files = " and ".join(f"`localstack_init/{each}`" for each in sources)
    return "\n".join([*lines, "", f"Generated from {files} by `make docs`.", ""])


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> list[str]:
    return [
        f"| {' | '.join(head)} |",
        f"|{'---|' * len(head)}",
        *(f"| {' | '.join(row)} |" for row in rows),
    ]


def _grouped(template: Template, section: str) -> Iterator[tuple[str, list[str]]]:
    """Yield a section's headings, each with its names."""
    groups: dict[str, list[str]] = {}
    for name in template.sections[section]:
        groups.setdefault(template.headings[section, name], []).append(name)
    yield from groups.items()


def _of_type(template: Template, kind: str) -> Iterator[tuple[str, dict[str, Any]]]:
    for name, resource in template.sections["Resources"].items():
        if resource["Type"] == kind:
            yield name, resource


def _text(template: Template, section: str, name: str) -> str:
    """Return a description, with the template's names in code font, and paths as links."""
    known = {*template.sections["Parameters"], *template.sections["Resources"]}
    text = re.sub(
        r"(?<![`<\w/])[A-Z][a-z]+\w*[A-Z]\w*(?!`)",
        lambda word: _code(word[0]) if word[0] in known else word[0],
        plain(template.description(section, name)),
    )
    text = re.sub(r"docs/(\S+\.md#\S+)", r"[What to do](../\1).", text)
    return re.sub(r"docs/reference/(\S+)", r"[\1](\1).", text)


def _default(name: str, parameter: Mapping[str, Any]) -> str:
    if name in OWN:
        return "-"
    default = str(parameter["Default"])
    return _code(default) if default else "empty"


def _values(parameter: Mapping[str, Any]) -> str:
    if allowed := parameter.get("AllowedValues"):
        return ", ".join(_code(str(each)) for each in allowed)
    if rule := parameter.get("ConstraintDescription"):
        return str(rule).removeprefix("is ").removeprefix("from ")
    least, most = parameter.get("MinValue"), parameter.get("MaxValue")
    if least is not None:
        return f"{least} to {most}" if most is not None else f"{least} or more"
    return "text"


def _name(resource: Mapping[str, Any]) -> str:
    name = resource["Properties"].get(NAMES.get(resource["Type"]))
    if isinstance(name, list):  # !If [HasName, !Ref Name, !Sub …]
        return f"{_code(plain(name[2]))}, or {_code(name[1])}"
    return _code(plain(name) if name != "TableName" else "<TableName>") if name else ""


def _condition(template: Template, value: Mapping[str, Any]) -> str:
    condition = value.get("Condition")
    return f" Only if {when(template, condition)}." if condition else ""


def _trust(role: Mapping[str, Any]) -> list[str]:
    services = [
        _code(each["Principal"]["Service"])
        for each in role["Properties"]["AssumeRolePolicyDocument"]["Statement"]
    ]
    return ["", f"Assumed by {', '.join(services)}."]


def _statement_table(template: Template, name: str, resource: Mapping[str, Any]) -> list[str]:
    rows = []
    for statement, condition in statements(resource):
        effect = "" if statement["Effect"] == "Allow" else "Denied: "
        who = _principal(statement.get("Principal"))
        why = template.reason(name, statement["Sid"])
        only = [f"Only if {when(template, condition)}."] if condition else []
        limits = list(_limits(statement.get("Condition", {})))
        rows.append(
            (
                _code(statement["Sid"]),
                f"{effect}{_actions(statement['Action'])}{who}",
                _codes(statement["Resource"]),
                " ".join(filter(None, [why, *only, *limits])),
            )
        )
    return (
        ["", *_table(("statement", "actions", "resources", "why, and when"), rows)] if rows else []
    )


def _lambda_permission(template: Template, name: str, resource: Mapping[str, Any]) -> list[str]:
    properties = resource["Properties"]
    text = _text(template, "Resources", name)
    row = (
        f"{_code(properties['Action'])} by {_code(properties['Principal'])}",
        _code(plain(properties["FunctionName"])),
        _codes(properties["SourceArn"]),
    )
    return [text, "", *_table(("actions", "resources", "for requests of"), [row])]


def _principal(principal: object) -> str:
    if principal is None:
        return ""
    return f" by {_code(principal['Service']) if isinstance(principal, dict) else 'everybody'}"


def _limits(condition: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    for tests in condition.values():
        for key, value in tests.items():
            yield f"Condition: {_code(key)} is {_codes(value)}."


def _codes(values: str | list[str]) -> str:
    listed = [values] if isinstance(values, str) else values
    if listed[0].startswith("Has"):  # !If [HasName, …, …]
        return " or ".join(_code(plain(each)) for each in listed[1:])
    return ", ".join(_code(plain(each)) for each in listed)


def _actions(values: str | list[str]) -> str:
    """Return actions in words; the service once if there are many."""
    services = {each.partition(":")[0] for each in values}
    if isinstance(values, str) or len(values) < MANY or len(services) > 1:
        return _codes(values)
    names = ", ".join(each.partition(":")[2] for each in values)
    return f"{_code(f'{services.pop()}:')} {names}"


def _code(text: str) -> str:
    return f"`{text}`"


def main() -> None:
    """Write the pages into the folder of the first argument."""
    for name, text in pages().items():
        (Path(sys.argv[1]) / name).write_text(text)


if __name__ == "__main__":
    main()
