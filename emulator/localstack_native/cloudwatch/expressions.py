"""Metric math: expressions over time series.

The subset: numbers and ids, + - * / ^ and comparisons, AND, OR, the functions in ``FUNCTIONS``
and ``EACH``, IF, FILL, METRICS, PERIOD, RATE and DIFF. The grammar is a subset of Python's, so
Python parses it.
https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html
"""

import ast
import itertools
import math
import operator
import re
from collections.abc import Callable, Iterable, Mapping

type Series = dict[int, float]
"""Values by the start of their period, in seconds since the epoch."""

type Value = float | Series | list[Series]

OPERATORS: dict[type[ast.AST], Callable[[float, float], float]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Pow: operator.pow,
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.And: lambda one, other: bool(one) and bool(other),
    ast.Or: lambda one, other: bool(one) or bool(other),
}

FUNCTIONS: dict[str, Callable[[list[float]], float]] = {
    "SUM": math.fsum,
    "AVG": lambda values: math.fsum(values) / len(values),
    "MIN": min,
    "MAX": max,
}
"""One series yields one number of all its values; several series yield a series."""

EACH: dict[str, Callable[[float], float]] = {"ABS": abs, "CEIL": math.ceil, "FLOOR": math.floor}


class ExpressionError(ValueError):
    """An expression is invalid or not supported; the message says which part."""


def evaluate(
    expression: str, series: Mapping[str, Series], times: Iterable[int], period: int
) -> Series:
    """Return an expression's series.

    ``times`` are the starts of all requested periods. Raises ``ExpressionError``.
    """
    times = list(times)
    text = re.sub(r"\bAND\b|&&", " and ", expression)
    text = re.sub(r"\bOR\b|\|\|", " or ", text).replace("^", "**")
    try:
        tree = ast.parse(text.strip(), mode="eval")
    except SyntaxError as error:
        raise ExpressionError(f"Invalid expression {expression!r}: {error.msg}") from error
    value = _Evaluator(series, times, period).of(tree.body)
    if isinstance(value, list):
        raise ExpressionError(f"{expression!r} is more than one time series")
    return value if isinstance(value, dict) else dict.fromkeys(times, value)


class _Evaluator:
    def __init__(self, series: Mapping[str, Series], times: list[int], period: int) -> None:
        self.series = series
        self.times = times
        self.period = period

    def of(self, node: ast.AST) -> Value:  # noqa: PLR0911 (a case for each kind)
        match node:
            case ast.Constant(value=int() | float() as number):
                return float(number)
            case ast.Name(id=name) if name in self.series:
                return self.series[name]
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                return self._combine(operator.sub, 0.0, self.of(operand))
            case ast.BinOp(left=left, op=sign, right=right) if type(sign) in OPERATORS:
                return self._combine(OPERATORS[type(sign)], self.of(left), self.of(right))
            case ast.Compare(left=left, ops=[sign], comparators=[right]) if type(sign) in OPERATORS:
                return self._combine(OPERATORS[type(sign)], self.of(left), self.of(right))
            case ast.BoolOp(op=sign, values=[first, *others]):
                value = self.of(first)
                for other in others:
                    value = self._combine(OPERATORS[type(sign)], value, self.of(other))
                return value
            case ast.List(elts=parts):
                return [each for part in parts for each in self._listed(self.of(part))]
            case ast.Call(func=ast.Name(id=name), args=arguments):
                return self._call(name.upper(), arguments)
        raise ExpressionError(f"Not supported in an expression: {ast.unparse(node)}")

    def _call(self, name: str, nodes: list[ast.expr]) -> Value:  # noqa: PLR0911 (the same)
        match name, nodes:
            case "IF", [condition, then, *otherwise]:
                return self._if(*(self.of(each) for each in (condition, then, *otherwise)))
            case "FILL", [filled, ast.Name(id="REPEAT")]:
                return self._repeat(self._one(self.of(filled)))
            case "FILL", [filled, other]:
                known, substitute = self._one(self.of(filled)), self.of(other)
                return {
                    time: known[time] if time in known else _at(substitute, time) or 0.0
                    for time in self.times
                }
            case "METRICS", nodes:
                part = nodes[0].value if nodes and isinstance(nodes[0], ast.Constant) else ""
                return [each for id_, each in self.series.items() if str(part) in id_]
            case "PERIOD", [_]:
                return float(self.period)
            case "RATE", [of]:
                return self._changes(self._one(self.of(of)), self.period)
            case "DIFF", [of]:
                return self._changes(self._one(self.of(of)), 1)
            case each, [of] if each in EACH:
                return {time: EACH[each](value) for time, value in self._one(self.of(of)).items()}
            case aggregate, [of] if aggregate in FUNCTIONS:
                return self._aggregate(FUNCTIONS[aggregate], self.of(of))
        raise ExpressionError(f"Not supported in an expression: {name} of {len(nodes)}")

    def _combine(
        self, operation: Callable[[float, float], float], one: Value, other: Value
    ) -> Value:
        if isinstance(one, float) and isinstance(other, float):
            result = _apply(operation, one, other)
            return {} if result is None else result
        combined = {}
        for time in self.times:
            left, right = _at(one, time), _at(other, time)
            # A period without a value in one series has no result; nor has a division by zero.
            if left is not None and right is not None:
                changed = _apply(operation, left, right)
                if changed is not None:
                    combined[time] = changed
        return combined

    def _if(self, condition: Value, then: Value, otherwise: Value | None = None) -> Series:
        result = {}
        for time in self.times:
            truth = _at(condition, time)
            if truth is None:
                continue
            chosen = then if truth else otherwise
            value = None if chosen is None else _at(chosen, time)
            if value is not None:
                result[time] = value
        return result

    def _aggregate(self, function: Callable[[list[float]], float], of: Value) -> Value:
        if isinstance(of, dict):
            return function(list(of.values())) if of else {}
        if not isinstance(of, list):
            return of
        result = {}
        for time in self.times:
            if values := [each[time] for each in of if time in each]:
                result[time] = function(values)
        return result

    def _changes(self, series: Series, over: float) -> Series:
        times = [time for time in self.times if time in series]
        pairs = itertools.pairwise(times)
        if over == 1:
            return {then: series[then] - series[now] for now, then in pairs}
        return {then: (series[then] - series[now]) / (then - now) for now, then in pairs}

    def _repeat(self, series: Series) -> Series:
        result: Series = {}
        last = None
        for time in self.times:
            last = series.get(time, last)
            if last is not None:
                result[time] = last
        return result

    def _one(self, value: Value) -> Series:
        if isinstance(value, dict):
            return value
        raise ExpressionError("The function needs a single time series")

    def _listed(self, value: Value) -> list[Series]:
        if isinstance(value, list):
            return value
        return [value] if isinstance(value, dict) else [dict.fromkeys(self.times, value)]


def _at(value: Value, time: int) -> float | None:
    if isinstance(value, list):
        raise ExpressionError("Several time series at once can't be combined")
    return value.get(time) if isinstance(value, dict) else value


def _apply(operation: Callable[[float, float], float], one: float, other: float) -> float | None:
    try:
        return float(operation(one, other))
    except (ZeroDivisionError, OverflowError):
        return None
