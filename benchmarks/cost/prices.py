"""Inputs of the cost model: AWS's prices, and assumptions on the traffic."""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

SHIPPED = Path(__file__).with_name("prices.toml")


class InputError(ValueError):
    """An input is unknown or not a number. The message names it."""


@dataclass(frozen=True, slots=True)
class Inputs:
    """Prices and assumptions by name."""

    currency: str
    region: str
    taken: str
    """Year and month of the price list."""
    prices: Mapping[str, float]
    """Prices of as many units as ``per`` has."""
    per: Mapping[str, int]
    assumed: Mapping[str, float]
    sources: Mapping[str, tuple[str, str]]
    """Unit and page of each price."""
    meanings: Mapping[str, str]
    """Meanings of the assumptions."""

    def __getitem__(self, name: str) -> float:
        """Return a price or an assumption."""
        return self.prices[name] if name in self.prices else self.assumed[name]

    def cost(self, quantity: float, price: str) -> float:
        """Return the cost of a quantity."""
        return quantity / self.per[price] * self.prices[price]


def load(file: Path | None = None, settings: Sequence[str] = ()) -> Inputs:
    """Return the shipped inputs, overridden by those of ``file``, and by ``NAME=VALUE`` settings.

    Raises ``InputError``.
    """
    document = tomllib.loads(SHIPPED.read_text())
    if file:
        _override(document, tomllib.loads(file.read_text()))
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


def _override(document: dict[str, Any], other: Mapping[str, Any]) -> None:
    for section, values in other.items():
        if section not in document:
            raise InputError(f"{SHIPPED.name} has no section [{section}]. Correct the name.")
        for name, value in values.items():
            if name not in document[section]:
                raise InputError(
                    f"{SHIPPED.name} has no {name!r} in [{section}]. Correct the name."
                )
            if isinstance(value, dict):
                document[section][name] |= value
            else:
                document[section][name] = value


def _number(name: str, value: Any) -> float:  # noqa: ANN401 (any TOML value)
    try:
        number = float(value)
    except (TypeError, ValueError):
        number = -1
    if number < 0:
        raise InputError(f"{name} must be a number of 0 or more, not {value!r}.")
    return number
