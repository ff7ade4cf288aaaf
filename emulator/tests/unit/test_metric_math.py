"""Metric math expressions."""

import pytest

from localstack_native.cloudwatch.expressions import ExpressionError, Series, evaluate

TIMES = (0, 60, 120)
SERIES: dict[str, Series] = {
    "errors": {0: 1.0, 120: 4.0},
    "invocations": {0: 10.0, 60: 0.0, 120: 8.0},
    "m3": {0: 2.0, 60: 2.0, 120: 2.0},
}


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("100 * errors / invocations", {0: 10.0, 120: 50.0}),
        ("IF(invocations > 0, 100 * errors / invocations, 0)", {0: 10.0, 60: 0.0, 120: 50.0}),
        ("invocations / invocations", {0: 1.0, 120: 1.0}),  # nothing where zero would divide
        ("m3 ^ 3 - 1", {0: 7.0, 60: 7.0, 120: 7.0}),
        ("-m3", {0: -2.0, 60: -2.0, 120: -2.0}),
        ("invocations > 5 AND m3 == 2", {0: 1.0, 60: 0.0, 120: 1.0}),
        ("invocations > 9 || invocations < 1", {0: 1.0, 60: 1.0, 120: 0.0}),
        ("FILL(errors, 0)", {0: 1.0, 60: 0.0, 120: 4.0}),
        ("FILL(errors, REPEAT)", {0: 1.0, 60: 1.0, 120: 4.0}),
        ("SUM([errors, m3])", {0: 3.0, 60: 2.0, 120: 6.0}),
        ("SUM(METRICS())", {0: 13.0, 60: 2.0, 120: 14.0}),
        ('MAX(METRICS("m"))', {0: 2.0, 60: 2.0, 120: 2.0}),
        ("SUM(errors)", {0: 5.0, 60: 5.0, 120: 5.0}),
        ("invocations / AVG(m3)", {0: 5.0, 60: 0.0, 120: 4.0}),
        ("RATE(invocations)", {60: -10 / 60, 120: 8 / 60}),
        ("DIFF(invocations)", {60: -10.0, 120: 8.0}),
        ("m3 * PERIOD(m3)", {0: 120.0, 60: 120.0, 120: 120.0}),
        ("ABS(FLOOR(m3 - 2.5))", {0: 1.0, 60: 1.0, 120: 1.0}),
    ],
)
def test_expressions_are_evaluated_by_period(expression: str, expected: Series) -> None:
    """An expression is evaluated for each period; a missing value yields none."""
    assert evaluate(expression, SERIES, TIMES, 60) == pytest.approx(expected)


@pytest.mark.parametrize(
    "expression",
    [
        "", "errors +", "nobody + 1", "ANOMALY_DETECTION_BAND(errors)", "METRICS()", "errors.real",
        "[errors, m3] + 1", "FILL(3, 0)", "__import__('os').system('true')", "lambda: 1",
    ],
)  # fmt: skip
def test_invalid_and_unsupported_expressions_are_errors(expression: str) -> None:
    """The error names the invalid or unsupported part."""
    with pytest.raises(ExpressionError):
        evaluate(expression, SERIES, TIMES, 60)
