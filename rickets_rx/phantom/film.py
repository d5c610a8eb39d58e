"""A phantom film with everything that is true of it."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from rickets_rx.radiograph import FloatImage, Polarity, PolaritySource, Radiograph, Spacing
from rickets_rx.vocabulary import Activity, Bone, Joint, RefusalReason, Side, SpacingSource, Status, View

Points = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class PhantomBone:
    """Truth of one bone end, in the contract's words. Points are film pixels, x right, y down.

    Parameters
    ----------
    corner1, corner2 : (x, y)
    distal : (x, y)
        Unit vector away from the shaft.
    margin, envelope : ndarray of shape (n, 2)
        50 % and 10 % line of mineral, from corner1 to corner2.
    epiphysis : ndarray of shape (k, 2), optional
        Closed outline.
    features : dict of str to float or None
        Every feature of the contract; ``null_reasons`` has a word for each None.
    severity, grade, grade_shifted : float
        By the truth rule, and the grade with every anchor moved by 30 %.
    status, reason : Status, RefusalReason or None
        ``refused`` with ``cut_off`` or ``overlapped`` where the film cannot show this bone.
    variant : str
        Normal variant or mimic, "" for none.
    """

    bone: Bone
    corner1: tuple[float, float]
    corner2: tuple[float, float]
    distal: tuple[float, float]
    margin: Points
    envelope: Points
    epiphysis: Points | None
    features: dict[str, float | None]
    null_reasons: dict[str, str]
    severity: float
    grade: float
    grade_shifted: float
    activity: Activity
    status: Status = Status.SCORED
    reason: RefusalReason | None = None
    variant: str = ""

    @property
    def width(self) -> float:
        """MW = |corner1 corner2|, pixels."""
        return float(np.hypot(self.corner2[0] - self.corner1[0], self.corner2[1] - self.corner1[1]))

    @property
    def margin_mid(self) -> tuple[float, float]:
        """The point of the margin above the middle of the chord, pixels."""
        chord = np.subtract(self.corner2, self.corner1)
        across = (self.margin - np.asarray(self.corner1)) @ chord / float(chord @ chord)
        x, y = (float(np.interp(0.5, across, self.margin[:, axis])) for axis in (0, 1))
        return x, y


@dataclass(frozen=True, eq=False)
class PhantomJoint:
    """One wrist or elbow on the film with its bones."""

    joint: Joint
    side: Side
    bones: tuple[PhantomBone, ...]


@dataclass(frozen=True, eq=False)
class PhantomFilm:
    """A synthetic radiograph and its truth.

    Parameters
    ----------
    pixels : ndarray of shape (rows, columns), float32
        Bone bright, 0-1, processed "for presentation".
    spacing_mm : float
    joints : tuple of PhantomJoint
        Left to right on the film.
    labels : ndarray of shape (rows, columns), uint8
        10 x bone + part of the contract.
    refuse : RefusalReason, optional
        What a film of this kind must be refused as; None for one that should be scored. Of splints and metal
        the bones say which of them is hidden (their ``reason``); one that is clear may be graded.
    """

    pixels: FloatImage
    spacing_mm: float
    joints: tuple[PhantomJoint, ...]
    labels: npt.NDArray[np.uint8]
    age_years: float
    seed: int
    view: View = View.FRONTAL
    refuse: RefusalReason | None = None
    knobs: Mapping[str, object] = field(default_factory=dict)

    def radiograph(self, name: str = "phantom.png", *, spacing: bool = True) -> Radiograph:
        """The film as the pipeline sees it; ``spacing`` False leaves the millimetres out, as on most
        films."""
        pixels = np.ascontiguousarray(self.pixels * 65535, dtype=np.float32)
        known = Spacing(self.spacing_mm, SpacingSource.USER) if spacing else Spacing()
        return Radiograph(
            pixels=pixels,
            sha256=hashlib.sha256(np.round(pixels).astype("<u2").tobytes()).hexdigest(),
            name=name,
            spacing=known,
            polarity=Polarity(True, False, PolaritySource.PHANTOM),
            notes=("synthetic film",),
        )
