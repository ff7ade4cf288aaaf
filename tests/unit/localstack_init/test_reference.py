"""The reference pages: descriptions from comments, conditions and ARNs in words."""

import pytest

from localstack_init.documented import read
from localstack_init.reference import (
    outputs_page,
    pages,
    parameters_page,
    permissions_page,
    resources_page,
    undescribed,
)

TEXT = """\
Parameters:
  # --- Sizes ---------------------------------------------------------------------------------

  # More memory brings more CPU.
  Memory:
    Type: Number
    Default: 512
    MinValue: 256
    MaxValue: 1024
    Description: Megabytes for WorkFunction.
  Mail:
    Type: String
    Default: ""

Conditions:
  HasMail: !Not [!Equals [!Ref Mail, ""]]
  IsLarge: !Equals [!Ref Memory, "1024"]

Resources:
  # --- Work ----------------------------------------------------------------------------------

  # Does the work. docs/how-to/work.md#late
  WorkFunction:
    Type: AWS::Lambda::Function
    Condition: HasMail
    Properties:
      FunctionName: !Sub "${AWS::StackName}-work"

  # The role of WorkFunction.
  WorkRole:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Statement:
          - Effect: Allow
            Principal: { Service: lambda.amazonaws.com }
            Action: sts:AssumeRole
      Policies:
        - PolicyName: work
          PolicyDocument:
            Statement:
              # Reads what
              # it works on.
              - Sid: Read
                Effect: Allow
                Action: s3:GetObject
                Resource: !Sub "${Bucket.Arn}/*"
              - !If
                - IsLarge
                - Sid: Many
                  Effect: Deny
                  Action: [a:One, a:Two, a:Three, a:Four]
                  Resource: !Sub "arn:${AWS::Partition}:a:::${AWS::AccountId}"
                  Condition: { StringEquals: { aws:SourceAccount: !Ref AWS::AccountId } }
                - !Ref AWS::NoValue

Outputs:
  Role:
    Description: Name of the role.
    Value: !Ref WorkRole
"""


def test_a_parameter_is_described_by_its_property_and_its_comment() -> None:
    """A row has the default, the range, and both descriptions; empty defaults are named."""
    page = parameters_page(read(TEXT))
    assert (
        "## Sizes\n\n| parameter | default | values | description |\n|---|---|---|---|\n"
        "| `Memory` | `512` | 256 to 1024 | Megabytes for `WorkFunction`. More memory brings "
        "more CPU. |\n| `Mail` | empty | text |  |\n" in page
    )


def test_a_resource_has_its_name_its_condition_and_a_link() -> None:
    """A row names the stack in the pattern of the name, and says when the resource exists."""
    assert (
        "| `WorkFunction` | `Lambda::Function` | `<stack>-work` | Does the work. "
        "[What to do](../how-to/work.md#late). Only if `Mail` is set. |"
    ) in resources_page(read(TEXT), read(TEXT))


@pytest.mark.parametrize(
    "row",
    [
        "| `Read` | `s3:GetObject` | `Bucket/*` | Reads what it works on. |",
        (
            "| `Many` | Denied: `a:` One, Two, Three, Four | `arn:aws:a:::<account>` "
            "| Only if `Memory` is `1024`. Condition: `aws:SourceAccount` is `<account>`. |"
        ),
    ],
)
def test_a_statement_has_its_reason_and_its_conditions(row: str) -> None:
    """A row has the comment above the statement, and when it applies."""
    assert row in permissions_page(read(TEXT), read("Resources: {}"))


def test_outputs_are_listed() -> None:
    """A row has the output's description."""
    assert "| `Role` | Name of the role. |" in outputs_page(read(TEXT))


def test_what_has_no_description_is_found() -> None:
    """Parameters, resources, statements and outputs need a property or a comment."""
    assert list(undescribed(read(TEXT))) == ["Mail", "WorkRole.Many"]


def test_the_pages_of_the_stack() -> None:
    """No page shows an intrinsic function."""
    for name, page in pages().items():
        assert "${" not in page, name
