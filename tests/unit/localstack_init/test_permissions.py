"""Permissions of a template, with reasons and flows."""

from localstack_init.documented import read
from localstack_init.permissions import Permission, Proofs, permissions, permissions_of

TEXT = """\
Conditions:
  IsTraced: !Equals [!Ref Tracing, "on"]

Resources:
  # Lets the API invoke its function.
  MayCall:
    Type: AWS::Lambda::Permission
    Properties:
      FunctionName: !Ref WorkFunction
      Action: lambda:InvokeFunction
      Principal: apigateway.amazonaws.com

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
              # Reads what it works on.
              - Sid: Read
                Effect: Allow
                Action: [s3:GetObject, s3:ListBucket]
                Resource: [!GetAtt Bucket.Arn, !Sub "${Bucket.Arn}/*"]
              - !If
                - IsTraced
                # Sends traces.
                - Sid: Trace
                  Effect: Allow
                  Action: xray:PutTraceSegments
                  Resource: "*"
                - !Ref AWS::NoValue

  BucketPolicy:
    Type: AWS::S3::BucketPolicy
    Properties:
      PolicyDocument:
        Statement:
          - Sid: DenyPlainHttp
            Effect: Deny
            Principal: "*"
            Action: s3:*
            Resource: !GetAtt Bucket.Arn
"""

PROOFS = Proofs(
    {"work": "It works."},
    {
        "WorkRole": {
            "trust policy": {"sts:AssumeRole": "start"},
            "Read": {"s3:GetObject": {"Bucket/*": "work"}, "s3:ListBucket": "look"},
        }
    },
    {"WorkRole": {"Trace": {"*": "No daemon."}}},
)


def found() -> dict[str, Permission]:
    """Return the permissions of the template by name."""
    return {each.name: each for each in permissions_of(read(TEXT), PROOFS)}


def test_each_action_has_a_permission_on_each_resource() -> None:
    """Roles, trust policies, resource policies and functions' permissions are included."""
    assert list(found()) == [
        "MayCall.permission lambda:InvokeFunction WorkFunction",
        "WorkRole.trust policy sts:AssumeRole WorkRole",
        "WorkRole.Read s3:GetObject Bucket",
        "WorkRole.Read s3:GetObject Bucket/*",
        "WorkRole.Read s3:ListBucket Bucket",
        "WorkRole.Read s3:ListBucket Bucket/*",
        "WorkRole.Trace xray:PutTraceSegments *",
        "BucketPolicy.DenyPlainHttp s3:* Bucket",
    ]


def test_a_permission_has_its_flow_or_the_reason_for_none() -> None:
    """An action has one flow, or one for each resource."""
    flows = {name.partition(".")[2]: each.flow for name, each in found().items()}
    assert flows["trust policy sts:AssumeRole WorkRole"] == "start"
    assert flows["Read s3:GetObject Bucket"] == ""
    assert flows["Read s3:GetObject Bucket/*"] == "work"
    assert flows["Read s3:ListBucket Bucket/*"] == "look"
    traced = found()["WorkRole.Trace xray:PutTraceSegments *"]
    assert (traced.flow, traced.unproven) == ("", "No daemon.")


def test_a_permission_has_the_reason_of_its_statement() -> None:
    """Statements without a Sid have the description of their resource."""
    assert found()["WorkRole.Read s3:ListBucket Bucket"].why == "Reads what it works on."
    assert (
        found()["WorkRole.trust policy sts:AssumeRole WorkRole"].why == "The role of WorkFunction."
    )
    traced = found()["WorkRole.Trace xray:PutTraceSegments *"]
    assert traced.only_if == "Only if `Tracing` is `on`."


def test_resource_policies_say_who() -> None:
    """A denied action is marked."""
    assert found()["BucketPolicy.DenyPlainHttp s3:* Bucket"].what == "denied: s3:* by everybody"
    call = found()["MayCall.permission lambda:InvokeFunction WorkFunction"]
    assert call.what == "lambda:InvokeFunction by apigateway.amazonaws.com"


def test_each_permission_of_the_stack_is_explained() -> None:
    """Each has a reason, and a flow that the file describes or the reason for none."""
    flows = Proofs.read().flows
    for each in permissions():
        assert each.why, each.name
        assert (each.flow in flows) != bool(each.unproven), each.name


def test_permissions_toml_has_no_others() -> None:
    """Each of its lines is about a permission of the template."""
    proofs, all_of_them = Proofs.read(), permissions()
    known = {(each.holder, each.statement, each.action) for each in all_of_them}
    resources = {
        (*(each.holder, each.statement, each.action), each.resource) for each in all_of_them
    }
    for holder, statements in proofs.proven.items():
        for statement, actions in statements.items():
            for action, flow in actions.items():
                assert (holder, statement, action) in known
                for resource in flow if isinstance(flow, dict) else ():
                    assert (holder, statement, action, resource) in resources
    for holder, reasons in proofs.unproven.items():
        for statement, actions in reasons.items():
            for action in actions:
                assert action == "*" or (holder, statement, action) in known
                assert statement in {
                    each.statement for each in all_of_them if each.holder == holder
                }
    assert {each.flow for each in all_of_them if each.flow} <= set(proofs.flows)
