"""Parsers: templates by libyaml, and definitions of state machines whose parse trees are kept."""

import pytest
from localstack.services.cloudformation.engine.yaml_parser import NoDatesSafeLoader
from localstack.services.stepfunctions.asl.parse.asl_parser import (
    AmazonStateLanguageParser,
    ASLParserException,
)

from localstack_native.cloudformation.yaml_loader import Loader
from localstack_native.stepfunctions import parse_trees

TEMPLATE = """
AWSTemplateFormatVersion: 2010-09-09
Conditions: {IsLarge: !Not [!Equals [!Ref Size, 0o10]]}
Resources:
  Queue:
    Type: AWS::SQS::Queue
    Condition: IsLarge
    Properties:
      QueueName: !Sub "${AWS::StackName}-é"
      DelaySeconds: !If [IsLarge, !GetAtt Other.Nested.Value, 1.5]
      RedrivePolicy: {deadLetterTargetArn: !GetAtt Dead.Arn, maxReceiveCount: 3}
      Tags: &tags [{Key: a, Value: "yes"}, {Key: b, Value: yes}]
  Copy: {Type: "AWS::SQS::Queue", Properties: {Tags: *tags}}
"""

DEFINITION = '{"StartAt": "End", "States": {"End": {"Type": "Succeed"}}}'


def test_templates_are_read_as_by_localstack() -> None:
    """Short forms of functions, dates, numbers and anchors."""
    ours = Loader(TEMPLATE).get_single_data()
    assert ours == NoDatesSafeLoader(TEMPLATE).get_single_data()


def test_a_definition_is_parsed_once() -> None:
    """Each time, there is a program of its own; the parse tree is the same."""
    parse = AmazonStateLanguageParser.parse
    (first, tree), (second, same) = (parse_trees.parse(parse, DEFINITION) for _ in range(2))
    assert same is tree
    assert second is not first
    assert type(second) is type(first) is type(parse(DEFINITION)[0])


def test_an_invalid_definition_is_refused_each_time() -> None:
    """The errors are LocalStack's."""
    for _ in range(2):
        with pytest.raises(ASLParserException, match="line 1:"):
            parse_trees.parse(AmazonStateLanguageParser.parse, "{")
