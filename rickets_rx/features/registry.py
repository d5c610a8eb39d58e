"""The registry of features: every number measured on a metaphysis, its unit, and its reason when missing."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum

from rickets_rx.radiograph import Radiograph
from rickets_rx.segment.metaphysis import Metaphysis


class Unit(StrEnum):
    """``WIDTH`` is a length in fractions of MW (a twin in mm is written where spacing is known)."""

    WIDTH = "fraction of MW"
    SHARE = "share, 0-1"
    RATIO = "ratio"


@dataclass(frozen=True)
class FeatureValue:
    """One measurement: a value, or None with the reason in one contract word. Missing is never 0."""

    value: float | None
    reason: str | None = None

    def __post_init__(self) -> None:
        if (self.value is None) == (self.reason is None):
            raise ValueError("a feature has either a value or a reason")
        if self.value is not None and self.value != self.value:
            raise ValueError("NaN is not a measurement: give None and a reason")


Features = dict[str, FeatureValue]
Measure = Callable[[Radiograph, Metaphysis], Features]


@dataclass(frozen=True)
class Family:
    """A family of features measured together: names with units, in column order, and the function."""

    units: dict[str, Unit]
    measure: Measure


_FAMILIES: list[Family] = []


def register(**units: Unit) -> Callable[[Measure], Measure]:
    """Register a family; the decorated function must return exactly the names given.

    Parameters
    ----------
    **units : Unit
        Feature name to unit, in the order of the columns.
    """

    def wrap(measure: Measure) -> Measure:
        taken = set(feature_units()) & set(units)
        if taken:
            raise ValueError(f"features registered twice: {sorted(taken)}")
        _FAMILIES.append(Family(dict(units), measure))
        return measure

    return wrap


def feature_units() -> dict[str, Unit]:
    """Every registered feature and its unit, in column order."""
    return {name: unit for family in _FAMILIES for name, unit in family.units.items()}


def measure_all(radiograph: Radiograph, metaphysis: Metaphysis) -> Features:
    """Measure every registered feature of one metaphysis, in column order."""
    values: Features = {}
    for family in _FAMILIES:
        found = family.measure(radiograph, metaphysis)
        if list(found) != list(family.units):
            raise AssertionError(
                f"{family.measure.__name__} gave {list(found)}, registered {list(family.units)}"
            )
        values |= found
    return values


def null_reasons(features: Features) -> str:
    """``name=reason`` pairs of the missing features, ``;``-separated."""
    return ";".join(f"{name}={value.reason}" for name, value in features.items() if value.value is None)


def all_missing(names: Iterable[str], reason: str) -> Features:
    """Every name missing for one reason."""
    return {name: FeatureValue(None, reason) for name in names}
