"""The inputs of the cost model: what AWS asks, and what is assumed of the traffic."""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

SHIPPED = Path(__file__).with_name("prices.toml")


class InputError(ValueError):
    """An input that is not there, or is no number. Says which."""


@dataclass(frozen=True, slots=True)
class Inputs:
    """Prices and assumptions by name."""

    currency: str
    region: str
    taken: str
    """Year and month of the price list."""
    prices: Mapping[str, float]
    """For as many as ``per`` says."""
    per: Mapping[str, int]
    assumed: Mapping[str, float]
    sources: Mapping[str, tuple[str, str]]
    """By price: what it is for, and the page where AWS says so."""
    meanings: Mapping[str, str]
    """By assumption."""

    def __getitem__(self, name: str) -> float:
        """A price or an assumption."""
        return self.prices[name] if name in self.prices else self.assumed[name]

    def cost(self, quantity: float, price: str) -> float:
        """What so many cost."""
        return quantity / self.per[price] * self.prices[price]


def load(file: Path | None = None, settings: Sequence[str] = ()) -> Inputs:
    """The shipped inputs, with those of ``file`` over them, and ``NAME=VALUE`` over both.

    Raises ``InputError``.
    """
    document = tomllib.loads(SHIPPED.read_text())
    if file:
        _lay_over(document, tomllib.loads(file.read_text()))
    for setting in settings:
        name, equals, value = setting.partition("=")
        section = next((each for each in ("prices", "assumed") if name in document[each]), None)
        if not equals or section is None:
            raise InputError(f"--set takes NAME=VALUE of an input in {SHIPPED.name}: {setting!r}.")
        document[section][name]["value"] = _number(name, value)
    prices, assumed = document["prices"], document["assumed"]
    return Inputs(
        **document["list"],
        prices={name: _number(name, each["value"]) for name, each in prices.items()},
        assumed={name: _number(name, each["value"]) for name, each in assumed.items()},
        per={name: each["per"] for name, each in prices.items()},
        sources={name: (each["unit"], each["page"]) for name, each in prices.items()},
        meanings={name: each["meaning"] for name, each in assumed.items()},
    )


def _lay_over(document: dict[str, Any], other: Mapping[str, Any]) -> None:
    for section, values in other.items():
        if section not in document:
            raise InputError(f"There is no section [{section}] in {SHIPPED.name}.")
        for name, value in values.items():
            if name not in document[section]:
                raise InputError(f"There is no {name!r} in [{section}] of {SHIPPED.name}.")
            if isinstance(value, dict):
                document[section][name] |= value
            else:
                document[section][name] = value


def _number(name: str, value: Any) -> float:  # noqa: ANN401 (whatever a file says)
    try:
        number = float(value)
    except (TypeError, ValueError):
        number = -1
    if number < 0:
        raise InputError(f"{name} is no number of 0 or more: {value!r}.")
    return number
