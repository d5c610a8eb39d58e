"""The four signs of one bone, and how far up Thacher's ladder they reach."""

from dataclasses import dataclass
from pathlib import Path

from rickets_rx.features.registry import Features
from rickets_rx.grade.evidence import TABLE, Sign, SignEvidence, weigh
from rickets_rx.grade.thacher import severity

# Evidence from which a sign counts as seen, and under which it counts as absent (ours).
SEEN = 0.5
ABSENT = 0.25
# Irregularity and fraying count in full from this much evidence of a lost zone (ours): they are disorder of
# the zone of provisional calcification, and a margin whose zone stands is not frayed (domain.md 3.4: its loss
# comes first).
ZONE_LOST = 0.5


@dataclass(frozen=True)
class Evidence:
    """The four signs of one bone."""

    lucency: SignEvidence
    irregularity: SignEvidence
    fraying: SignEvidence
    cupping: SignEvidence

    @classmethod
    def of(cls, features: Features, table: Path = TABLE) -> "Evidence":
        return cls(**{sign.value: weigh(features, sign, table) for sign in Sign})

    def severity(self) -> float | None:
        """How far up Thacher's ladder the measured signs reach; None where not even the shape was measured.

        A sign of which nothing was measured lifts no rung, and opens the interval upwards instead.
        """
        if self.cupping.value is None:
            return None
        values = {sign: self[sign].value or 0.0 for sign in Sign}
        lost = 1.0 if self.lucency.value is None else self.lucency.value
        return climbed(values, zone_gate(lost))

    def __getitem__(self, sign: Sign) -> SignEvidence:
        found: SignEvidence = getattr(self, sign.value)
        return found

    def bounds(self) -> tuple[float, float]:
        """Severity if every missing feature said nothing, and if it said everything."""
        low, high = ({sign: getattr(self[sign], side) for sign in Sign} for side in ("low", "high"))
        return climbed(low, zone_gate(low[Sign.LUCENCY])), climbed(high, zone_gate(high[Sign.LUCENCY]))

    @property
    def missing(self) -> tuple[str, ...]:
        """Graded features that could not be measured."""
        return tuple(sorted({name for sign in Sign for name in self[sign].missing}))

    @property
    def activity_seen(self) -> bool:
        """Lucency, an irregular margin or fraying: what only active disease shows."""
        return any((self[sign].value or 0.0) >= SEEN for sign in Sign if sign is not Sign.CUPPING)

    @property
    def activity_absent(self) -> bool:
        """Lucency, irregularity and fraying measured and not there; a sign not measured is not absent."""
        values = [self[sign].value for sign in (Sign.LUCENCY, Sign.FRAYING)]
        known = [value for value in (*values, self.irregularity.value) if value is not None]
        return None not in values and all(value < ABSENT for value in known)


def zone_gate(lucency: float) -> float:
    """How far irregularity and fraying can count, 0-1, by the evidence that the zone is lost."""
    return min(1.0, lucency / ZONE_LOST)


def climbed(evidence: dict[Sign, float], gate: float) -> float:
    """Thacher's ladder with irregularity and fraying no higher than ``gate``."""
    return severity(
        evidence[Sign.LUCENCY],
        min(evidence[Sign.IRREGULARITY], gate),
        min(evidence[Sign.FRAYING], gate),
        evidence[Sign.CUPPING],
    )
