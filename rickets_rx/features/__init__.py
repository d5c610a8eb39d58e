"""Everything measured on a metaphysis. Importing this package registers every family, in column order."""

from rickets_rx.features import (  # isort: skip  (the order of import is the order of the columns)
    cupping,
    fraying,
    zone,
    splaying,
    gap,
    texture,
    collar,
    unevenness,
)
from rickets_rx.features.registry import (
    Features,
    FeatureValue,
    Unit,
    feature_units,
    measure_all,
    null_reasons,
)

__all__ = [
    "FeatureValue",
    "Features",
    "Unit",
    "collar",
    "cupping",
    "feature_units",
    "fraying",
    "gap",
    "measure_all",
    "null_reasons",
    "splaying",
    "texture",
    "unevenness",
    "zone",
]
