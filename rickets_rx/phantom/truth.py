"""The truth rule: Thacher's words turned into numbers, for phantoms only.

Thacher's wrist words (2000, with the half grades of later trials): 0.5 lucency of the metaphyseal margin
without
fraying or irregularity; 1 widened growth plate, irregular margin, no concave cupping; 1.5 partial concavity
or incomplete fraying; 2 concavity with fraying. No number stands in the paper: the anchors below are ours,
were written before any grader existed, and share nothing with one. ``shifted`` moves every anchor by 30 %, so
that a grader tuned to these very numbers shows itself.
"""

from dataclasses import dataclass

import numpy as np

from rickets_rx.phantom.disease import Disease


@dataclass(frozen=True)
class Anchors:
    """(where a word begins to apply, where it applies wholly) for each word."""

    lucent: tuple[float, float] = (0.15, 0.60)
    """Share of the zone of provisional calcification that is lost."""
    irregular: tuple[float, float] = (0.006, 0.020)
    """RMS roughness of the margin, fractions of MW."""
    widened: tuple[float, float] = (0.8, 2.4)
    """Widening of the physis, mm over the child's own."""
    frayed: tuple[float, float] = (0.10, 0.70)
    """Share of the margin that is frayed."""
    concave: tuple[float, float] = (0.02, 0.11)
    """Signed depth of the margin below its chord, fractions of MW."""

    def shifted(self, factor: float) -> "Anchors":
        """Every anchor multiplied by ``factor``."""
        names = ("lucent", "irregular", "widened", "frayed", "concave")
        return Anchors(**{name: tuple(factor * a for a in getattr(self, name)) for name in names})


@dataclass(frozen=True)
class Signs:
    """What is visible at one bone end, from its knobs and geometry."""

    zone_lost: float
    irregularity: float
    widening: float
    frayed_share: float
    cupping: float
    normal_variant: bool = False


def signs_of(disease: Disease, cupping: float, roughness: float) -> Signs:
    """The visible signs of one bone.

    Parameters
    ----------
    cupping, roughness : float
        Fractions of MW, from the geometry.
    """
    lost = 1 - (1 - disease.zone_loss) * (1 - disease.zone_gaps)
    # A re-ossified line stands where the zone stood.
    lost = lost * (1 - min(disease.dense_line, 1.0))
    # Feathering finer than 0.15 mm is not seen as such.
    frayed = disease.fray_extent * float(np.clip((disease.fray_depth - 0.15) / 0.35, 0, 1))
    # A new dense line closes the margin; the old fringe behind it still shows through a little.
    frayed *= 1 - 0.75 * min(disease.dense_line, 1.0)
    return Signs(lost, roughness, disease.gap_extra, frayed, cupping, disease.variant != "")


def severity(signs: Signs, anchors: Anchors | None = None) -> float:
    """Visible disease of one bone, 0-1, a quarter for each half grade of Thacher's words."""
    a = anchors or Anchors()

    def applies(value: float, limits: tuple[float, float]) -> float:
        return float(np.clip((value - limits[0]) / (limits[1] - limits[0]), 0, 1))

    if signs.normal_variant:
        return 0.0
    lucent = applies(signs.zone_lost, a.lucent)
    irregular = max(applies(signs.irregularity, a.irregular) * lucent, applies(signs.widening, a.widened))
    frayed, concave = applies(signs.frayed_share, a.frayed), applies(signs.cupping, a.concave)
    staged = max(0.25 * lucent, 0.5 * irregular, 0.75 * frayed, 0.75 * concave)
    return float(min(1.0, staged + 0.25 * min(frayed, concave)))


def grade(severity_value: float) -> float:
    """Severity x 2 rounded to halves, ties upward."""
    return float(np.floor(severity_value * 4 + 0.5) / 2)


def film_severity(signs: Signs) -> tuple[float, float, float]:
    """Severity, grade, and the grade with every anchor 30 % higher."""
    value = severity(signs)
    return value, grade(value), grade(severity(signs, Anchors().shifted(1.3)))
