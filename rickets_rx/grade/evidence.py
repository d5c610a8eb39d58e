"""From measured features to evidence, 0-1, for the four things Thacher's words speak of.

Each feature has a ramp in ``evidence.csv``: no evidence up to ``none_at``, a hint (a quarter) at ``hint_at``,
full evidence from ``full_at``, straight between. The foot is gentle where healthy and mildly ill bones look
alike, so that films keep their order there without a grade being given. The ramps are ours;
`rickets_rx.grade.fit` makes the table.
"""

import csv
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path

from rickets_rx.features.registry import Features, Unit, feature_units

TABLE = Path(__file__).with_name("evidence.csv")
HINT = 0.25
"""Evidence at ``hint_at`` (ours)."""
ABSENT_FROM = 0.75
"""Evidence from which a zone is called absent rather than faint (ours)."""


class Sign(StrEnum):
    """What Thacher's words name: lucent margin, irregular margin or widened plate, fraying, concavity."""

    LUCENCY = "lucency"
    IRREGULARITY = "irregularity"
    FRAYING = "fraying"
    CUPPING = "cupping"


@dataclass(frozen=True)
class Ramp:
    """Evidence of one feature for one sign.

    Parameters
    ----------
    feature : str
    sign : Sign
    none_at, hint_at, full_at : float
        Feature values at which the evidence is 0, a quarter and 1; they fall for falling features.
    weight : float
        Share within its sign, > 0.
    words : str
        How a finding of this feature is put; ``{value}``, ``{percent}`` and
        ``{degree}`` (faint, or absent from three quarters of the evidence) are filled in.
    """

    feature: str
    sign: Sign
    none_at: float
    hint_at: float
    full_at: float
    weight: float
    words: str

    def evidence(self, value: float) -> float:
        """Evidence 0-1 of a feature value, monotone between the anchors."""
        past = (value - self.hint_at) / (self.full_at - self.hint_at)
        if past >= 0:
            return min(1.0, HINT + (1 - HINT) * past)
        return max(0.0, HINT * (value - self.none_at) / (self.hint_at - self.none_at))

    def said(self, value: float, width_mm: float | None = None) -> str:
        """The finding in words; ``width_mm`` is MW in mm, where the film has a spacing."""
        degree = "absent" if self.evidence(value) >= ABSENT_FROM else "faint"
        words = self.words.format(value=f"{value:.2f}", percent=_percent(value), degree=degree)
        if width_mm is None or feature_units()[self.feature] is not Unit.WIDTH:
            return words
        return f"{words} ({abs(value) * width_mm:.1f} mm)"


def _percent(value: float) -> str:
    """A share as percent, with a decimal where that is under ten."""
    percent = 100 * abs(value)
    return f"{percent:.0f} %" if percent >= 9.5 else f"{percent:.1f} %"


@dataclass(frozen=True)
class SignEvidence:
    """Evidence of one sign: ``value`` over what was measured, None where nothing of it was.

    ``low`` and ``high`` bound it by what the missing features could have said.
    """

    value: float | None
    low: float
    high: float
    missing: tuple[str, ...]


@cache
def ramps(table: Path = TABLE) -> tuple[Ramp, ...]:
    """The ramps of a table, in its order.

    Raises
    ------
    ValueError
        For a ramp whose anchors do not run one way, or without weight, naming its row.
    """
    found = []
    with table.open(encoding="utf-8", newline="") as handle:
        for line, row in enumerate(csv.DictReader(handle), start=2):
            ramp = _ramp(row)
            if (ramp.hint_at - ramp.none_at) * (ramp.full_at - ramp.hint_at) <= 0 or ramp.weight <= 0:
                raise ValueError(
                    f"{table.name} line {line}: a ramp needs anchors that run one way and a weight"
                )
            found.append(ramp)
    return tuple(found)


def _ramp(row: dict[str, str]) -> Ramp:
    none_at, full_at = float(row["none_at"]), float(row["full_at"])
    # A table without hints has straight ramps.
    hint_at = float(row["hint_at"]) if row.get("hint_at") else none_at + HINT * (full_at - none_at)
    return Ramp(
        row["feature"], Sign(row["sign"]), none_at, hint_at, full_at, float(row["weight"]), row["words"]
    )


def weigh(features: Features, sign: Sign, table: Path = TABLE) -> SignEvidence:
    """Evidence of one sign: the weighted mean over its measured features.

    A missing feature is left out of the mean and opens the bounds: what it could have said, nothing or
    everything, is carried with its weight.
    """
    rows = [ramp for ramp in ramps(table) if ramp.sign is sign]
    total = sum(ramp.weight for ramp in rows)
    measured = [(ramp, features[ramp.feature].value) for ramp in rows]
    known = [(ramp.weight, ramp.evidence(value)) for ramp, value in measured if value is not None]
    missing = tuple(ramp.feature for ramp, value in measured if value is None)
    weight = sum(w for w, _ in known)
    said = sum(w * e for w, e in known)
    low, high = said / total, (said + total - weight) / total
    return SignEvidence(said / weight if known else None, low, high, missing)


def findings(
    features: Features, table: Path = TABLE, least: float = 0.25, *, width_mm: float | None = None
) -> tuple[str, ...]:
    """What raised the grade, in words with numbers, the strongest first.

    Parameters
    ----------
    least : float
        Evidence under which a feature is not worth a word (ours).
    width_mm : float, optional
        MW in mm; lengths then stand in mm too.
    """
    spoken: dict[str, float] = {}
    for ramp in ramps(table):
        value = features[ramp.feature].value
        if value is not None and ramp.evidence(value) >= least:
            # A feature may speak for two signs; its words are said once.
            words, strength = ramp.said(value, width_mm), ramp.evidence(value) * ramp.weight
            spoken[words] = max(strength, spoken.get(words, 0.0))
    return tuple(sorted(spoken, key=lambda words: (-spoken[words], words)))
