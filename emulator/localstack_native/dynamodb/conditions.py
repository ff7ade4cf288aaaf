"""Sort key conditions of a Query as ranges of positions in a sorted index."""

from typing import Any

from moto.dynamodb.exceptions import MockValidationException

from localstack_native.dynamodb.sorted_index import Key, SortedIndex, comparable

OPERATORS = {
    "=": "EQ",
    "<": "LT",
    "<=": "LE",
    ">": "GT",
    ">=": "GE",
    **{name: name for name in ("EQ", "LT", "LE", "GT", "GE", "BETWEEN", "BEGINS_WITH")},
}
"""The names of comparisons in a ``KeyConditionExpression``, and those in ``KeyConditions``."""


def matching(
    index: SortedIndex,
    partition: Key,
    comparison: str,
    operands: list[Any],
    expected_type: str | None,
) -> range:
    """Return the positions in a partition whose sort key satisfies a comparison.

    Raises AWS's error for operands of another type than the sort key's.
    """
    values = [each for each in map(comparable, operands) if each]
    kinds = {kind for kind, _ in values}
    if len(values) < len(operands) or len(kinds | ({expected_type} - {None})) != 1:
        raise MockValidationException(
            "One or more parameter values were invalid: Condition parameter type does not match "
            "schema type"
        )
    (kind,) = kinds
    operator = OPERATORS[comparison]
    if operator == "BEGINS_WITH" and kind == "N":
        raise MockValidationException(
            "Invalid KeyConditionExpression: Incorrect operand type for operator or function; "
            "operator or function: begins_with, operand type: N"
        )
    of_type = range(
        index.first((*partition, (kind,)), after_equal=False),
        index.first((*partition, (f"{kind}\0",)), after_equal=False),
    )
    lowest, highest = (*partition, values[0]), (*partition, values[-1])
    match operator:
        case "BEGINS_WITH":
            return index.starting_with(partition, values[0], of_type)
        case "LT":
            return range(of_type.start, index.first(highest, of_type, after_equal=False))
        case "LE":
            return range(of_type.start, index.first(highest, of_type, after_equal=True))
        case "GT":
            return range(index.first(lowest, of_type, after_equal=True), of_type.stop)
        case "GE":
            return range(index.first(lowest, of_type, after_equal=False), of_type.stop)
        case _:
            return index.between(lowest, highest, of_type)
