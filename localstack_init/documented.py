"""A template with its comments: what its names and statements are for.

Comments are not sent to CloudFormation, which limits a template's size.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from localstack_init.template import read_template

STATEMENTS = {
    "DenyPlainHttp": "Requests need TLS.",
    "WriteLogs": "Writes the function's own log.",
    "SendTraces": "Sends traces. X-Ray supports no narrower resource.",
}
"""Descriptions of statements that several policies have in the same form."""

PSEUDO = {
    "AWS::AccountId": "<account>",
    "AWS::Partition": "aws",
    "AWS::Region": "<region>",
    "AWS::StackName": "<stack>",
    "AWS::URLSuffix": "amazonaws.com",
}


@dataclass(frozen=True, slots=True)
class Template:
    """A template's sections, with the comments above its names."""

    sections: dict[str, Any]
    comments: dict[tuple[str, ...], str] = field(default_factory=dict)
    """By section and name; by resource and ``Sid`` for statements."""
    headings: dict[tuple[str, str], str] = field(default_factory=dict)
    """The last heading (``# --- Queue ---``) above a name, by section and name."""

    def description(self, section: str, name: str) -> str:
        """Return the description of a parameter, resource or output; empty if it has none."""
        value = self.sections[section][name]
        properties = value.get("Properties", value)
        said = properties.get("AlarmDescription") or properties.get("Description", "")
        return " ".join(filter(None, [said, self.comments.get((section, name), "")]))

    def reason(self, resource: str, sid: str) -> str:
        """Return why a policy has a statement; empty if the template does not say it."""
        return self.comments.get((resource, sid), "") or STATEMENTS.get(sid, "")


def read(text: str) -> Template:
    """Return a template with its comments."""
    found = Template(read_template(text))
    section = name = heading = ""
    block: list[str] = []
    for line in text.splitlines():
        if title := re.fullmatch(r"  # --- (.+?) -+", line):
            heading, block = title[1], []
        elif comment := re.fullmatch(r" +# (.+)", line):
            block.append(comment[1])
            continue
        elif top := re.fullmatch(r"([A-Z]\w+):", line):
            section, heading = top[1], ""
        elif own := re.fullmatch(r"  ([A-Z]\w+):", line):
            name = own[1]
            found.comments[section, name] = " ".join(block)
            found.headings[section, name] = heading
        elif sid := re.fullmatch(r" +- Sid: (\w+)", line):
            found.comments[name, sid[1]] = " ".join(block)
        block = []
    return found


def when(template: Template, condition: str) -> str:
    """Return a condition in words. In a read template, ``!Not [!Equals …]`` is a nested list."""
    conditions = template.sections["Conditions"]
    rule = conditions[condition]
    if all(isinstance(each, str) and each in conditions for each in rule):  # !Or, of !Condition
        return " or ".join(when(template, each) for each in rule)
    if isinstance(rule[0], str) and rule[0] in conditions:  # !And [!Condition …, !Equals …]
        other, (parameter, value) = rule
        return f"{when(template, other)} and `{parameter}` is `{value}`"
    if isinstance(rule[0], str):
        return f"`{rule[0]}` is `{rule[1]}`"
    ((parameter, value),) = rule
    return f"`{parameter}` is not `{value}`" if value else f"`{parameter}` is set"


def statements(resource: Mapping[str, Any]) -> Iterator[tuple[dict[str, Any], str]]:
    """Yield each statement of a resource's policies, with the name of its condition."""
    properties = resource.get("Properties", {})
    documents = [each["PolicyDocument"] for each in properties.get("Policies", ())]
    documents += filter(None, [properties.get("PolicyDocument")])
    for document in documents:
        for statement in document["Statement"]:
            if isinstance(statement, dict):
                yield statement, ""
            else:
                condition, inner, _ = statement
                yield inner, condition


def usual(value: Any) -> Any:  # noqa: ANN401 (of a template)
    """Return a value; of ``!If [HasName, …, …]`` the one of stacks without that name."""
    is_choice = isinstance(value, list) and str(value[0]).startswith("Has")
    return value[2] if is_choice else value


def plain(value: str) -> str:
    """Return a name or ARN without intrinsic functions: ``<account>``, ``RawBucket/*``."""
    names = {**PSEUDO, "StackPrefix": "<prefix>", "TablePrefix": "<table prefix>"}
    text = re.sub(r"\$\{([\w:.]+)\}", lambda each: names.get(each[1], each[1]), value)
    text = names.get(text, text)
    return re.sub(r"^(\w+)\.Arn", r"\1", text)
