"""How large a child's bones are: age curves with the scatter between children, lengths in millimetres.

Wrist curves are drawn through ``anatomy_by_age`` measurements (51 wrists of 0.4-14.8 years, GRAZPEDWRI-DX);
elbow curves and ossification ages follow the domain notes (their K-L rows),
and the hand skeleton's lengths are
ours, of the order of Garn's tables.
"""

from dataclasses import dataclass

import numpy as np

from rickets_rx.vocabulary import Bone

AGES = (0.0, 0.5, 1.2, 2.0, 3.0, 5.0, 7.0, 10.0, 12.5, 14.5, 16.0)
CURVES: dict[str, tuple[float, ...]] = {
    "radius_width": (10.3, 12.0, 14.6, 16.2, 17.7, 19.5, 20.8, 23.4, 25.3, 26.4, 27.0),
    "radius_shaft": (5.2, 6.3, 6.9, 7.7, 8.4, 9.7, 10.2, 11.6, 13.3, 14.6, 15.0),
    "ulna_width": (6.9, 8.2, 8.9, 9.5, 10.4, 11.7, 11.8, 13.1, 15.2, 15.4, 15.6),
    "ulna_shaft": (4.3, 5.3, 5.9, 6.1, 6.2, 7.2, 7.3, 7.8, 8.6, 9.0, 9.3),
    "radius_epiphysis_share": (0.2, 0.22, 0.3, 0.48, 0.68, 0.80, 0.96, 1.07, 1.13, 1.13, 1.13),
    "radius_epiphysis_length": (2.0, 2.2, 2.6, 3.4, 4.6, 5.5, 7.0, 8.6, 10.2, 12.0, 12.5),
    "ulna_epiphysis_share": (0.2, 0.2, 0.2, 0.2, 0.2, 0.25, 0.62, 1.0, 1.1, 1.13, 1.13),
    "ulna_epiphysis_length": (1.2, 1.2, 1.2, 1.2, 1.2, 1.5, 2.9, 5.5, 6.5, 7.2, 7.5),
    "gap": (1.9, 1.8, 1.3, 1.1, 0.95, 0.95, 0.85, 0.8, 0.7, 0.4, 0.1),
    "metacarpal": (15.0, 18.5, 24.0, 28.5, 33.0, 39.0, 44.0, 51.0, 57.0, 61.0, 63.0),
    "metacarpal_width": (4.0, 4.6, 5.3, 5.8, 6.3, 7.0, 7.6, 8.4, 9.2, 9.8, 10.0),
    "wrist_height": (1.75, 1.75, 1.75, 1.75, 1.74, 1.72, 1.72, 1.70, 1.66, 1.62, 1.60),
    "cortex": (0.6, 0.75, 0.9, 1.0, 1.15, 1.35, 1.5, 1.8, 2.1, 2.3, 2.4),
    "humerus_width": (17.0, 20.5, 24.5, 28.5, 31.5, 36.5, 40.5, 46.0, 51.0, 55.0, 57.0),
    "humerus_shaft": (6.5, 8.0, 9.0, 10.0, 11.0, 12.5, 13.5, 15.5, 17.5, 19.0, 20.0),
    "radius_proximal_width": (6.0, 7.0, 8.2, 9.2, 10.2, 11.8, 13.2, 15.4, 17.3, 18.8, 19.5),
    "radius_proximal_shaft": (4.6, 5.4, 6.3, 7.0, 7.7, 8.8, 9.6, 11.0, 12.4, 13.4, 14.0),
    "ulna_proximal_width": (7.5, 8.8, 10.5, 11.8, 13.0, 15.2, 17.0, 19.6, 22.0, 23.6, 24.5),
    "ulna_proximal_shaft": (5.0, 6.0, 7.0, 7.8, 8.6, 9.8, 10.8, 12.4, 13.8, 15.0, 15.6),
}
RIPENING = frozenset(
    {"radius_epiphysis_share", "radius_epiphysis_length", "ulna_epiphysis_share", "ulna_epiphysis_length"}
)
"""Curves that go by the skeletal age, as ossification does; all others go by the age."""
# Age at which half of the children show the centre.
ONSET: dict[str, float] = {
    "radius": 1.0, "ulna": 6.0, "capitate": 0.25, "hamate": 0.3, "triquetrum": 2.3, "lunate": 3.2,
    "trapezium": 4.4, "trapezoid": 4.8, "scaphoid": 5.0, "pisiform": 9.5,
    "metacarpal": 1.6, "thumb": 2.3, "phalanx": 1.5, "capitellum": 0.9, "radial_head": 4.5,
    "medial_epicondyle": 5.5,
    "trochlea": 9.0, "olecranon": 9.0, "lateral_epicondyle": 11.5,
}  # fmt: skip
ONSET_SCATTER = 0.35
"""Scatter of one centre's onset about the child's skeletal age, years, at most a twelfth of it (ours): the
centres of one hand agree."""
CLOSING_AGE = 15.5
"""From here on physes are closed or closing; a film is refused with ``closed_physis`` (ours)."""


@dataclass(frozen=True)
class Child:
    """One child's build: age, and how far its sizes stand from the curves.

    Parameters
    ----------
    age : float
        Years, 0-16.
    factors : dict of str to float
        Multiplier of each curve (1 is the curve itself).
    lead : float
        Skeletal age over age: above 1 the centres appear early.
    """

    age: float
    factors: dict[str, float]
    lead: float = 1.0

    @property
    def skeletal_age(self) -> float:
        """Years, what a hand atlas would say."""
        return self.age * self.lead

    def size(self, name: str) -> float:
        """Length in mm (or share) of a curve at this child's age; of `RIPENING` at its skeletal age."""
        age = self.skeletal_age if name in RIPENING else self.age
        return float(np.interp(age, AGES, CURVES[name]) * self.factors.get(name, 1.0))

    def maturity(self, centre: str) -> float:
        """How far a centre has grown, 0 (not ossified) to 1 (adult form at about onset + 9 years)."""
        onset = ONSET[centre] * self.factors.get("onset_" + centre, 1.0)
        since = self.skeletal_age - onset
        return float(np.clip(1 - np.exp(-since / 4.0), 0, 1)) if since > 0 else 0.0

    def shaft_of(self, bone: Bone) -> float:
        """Least shaft width of a graded bone, mm."""
        return self.size(f"{bone.value}_shaft")

    def width_of(self, bone: Bone) -> float:
        """Width of the healthy metaphysis of a graded bone, mm."""
        return self.size(f"{bone.value}_width")


def draw_child(rng: np.random.Generator, age: float) -> Child:
    """A child of an age: one size factor shared by all bones (6 %), and each curve's own scatter (4-6 %)."""
    overall = float(np.exp(rng.normal(0, 0.05)))
    factors = {name: overall * float(np.exp(rng.normal(0, 0.055))) for name in CURVES}
    for name in ("radius_epiphysis_share", "ulna_epiphysis_share", "wrist_height"):
        factors[name] = float(np.exp(rng.normal(0, 0.06)))
    factors["gap"] = float(np.exp(rng.normal(0, 0.25)))
    for name, years in ONSET.items():
        factors["onset_" + name] = float(np.exp(rng.normal(0, min(ONSET_SCATTER / years, 1 / 12))))
    return Child(age, factors, lead=float(np.exp(rng.normal(0, 0.08))))
