"""Phantoms taken as a given population of films is: its ages, crops, sizes, markers and looks."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from rickets_rx.phantom.artefacts import draw_artefacts
from rickets_rx.phantom.disease import MIMICS, Disease
from rickets_rx.phantom.draws import draw_exposure, draw_layout
from rickets_rx.phantom.film import PhantomFilm
from rickets_rx.phantom.generate import wrist
from rickets_rx.phantom.hand_anatomy import Posture
from rickets_rx.phantom.margins import View3D
from rickets_rx.vocabulary import Bone, Side


@dataclass(frozen=True)
class Template:
    """What a phantom copies of one film.

    Parameters
    ----------
    age : float
        Years.
    size_px : int
        Longer side of the film.
    hand : bool
        The whole hand is shown, not the wrist alone.
    normal : bool
        False for a film with a fracture or a lesion.
    """

    age: float
    size_px: int
    hand: bool = True
    normal: bool = True


def like(template: Template, seed: int) -> PhantomFilm:
    """A phantom for a place in the population: upright, left hand, 8 bit, no word that calls it synthetic."""
    rng = np.random.default_rng((seed, 43))
    side = Side.LEFT if template.hand or rng.random() < 0.5 else Side.RIGHT
    layout = replace(
        draw_layout(rng, side),
        beyond=None if template.hand else float(rng.uniform(2.0, 3.4)),
        behind=float(rng.uniform(1.0, 3.8)),
        beside=float(rng.uniform(0.0, 0.35) if template.hand else rng.uniform(0.0, 0.4)),
        above=float(rng.uniform(0.05, 0.6)),
        angle=float(rng.normal(0, 7)),
        collimated=0.0 if template.hand else float(rng.uniform(0.05, 0.2)),
        frame="dark",
        mirror=False,
    )
    if template.hand and len(layout.marker) < 2 and rng.random() < 0.8:
        layout = replace(layout, marker="L" + "".join(rng.choice(list("ABCDEGJKLMNPRSTVW"), 2)))
    if template.hand and rng.random() < 0.85:
        # Markers of left hands lie on the side of the little finger.
        layout = replace(layout, marker_within=0.35)
    artefacts = replace(draw_artefacts(rng), eight_bit=True, jpeg=0, metal="", step=0.0)
    # Six films of seven have no bright edge, the others a narrow one.
    artefacts = replace(artefacts, rim=0.5 * artefacts.rim if rng.random() < 0.3 else 0.0)
    artefacts = replace(artefacts, cassette=artefacts.cassette if rng.random() < 0.4 else 0.0)
    if artefacts.cassette:
        layout = replace(layout, above=layout.above + 1.6, beside=layout.beside + 1.2)
    exposure = draw_exposure(rng)
    exposure = replace(
        exposure, low=min(exposure.low, 0.01), high=float(np.clip(exposure.high, 1.02, 1.3)),
        equalise=0.05 + 0.25 * (exposure.equalise - 0.1), edge=min(exposure.edge, 1.2),
        edge_scale=min(exposure.edge_scale, 0.7), slope=0.8 + 0.6 * (exposure.slope - 0.8),
        detector_blur=0.6 * exposure.detector_blur, focal_blur=0.6 * exposure.focal_blur,
    )  # fmt: skip
    if rng.random() < 0.8:
        # Most films have black air.
        exposure = replace(exposure, haze=min(exposure.haze, 0.03), low=max(exposure.low, -0.03))
    disease: dict[Bone, Disease] = {}
    if not template.normal:
        disease[Bone.RADIUS] = Disease.preset(str(rng.choice(MIMICS)))
    fixed: dict[str, Any] = {
        "age": float(np.clip(template.age, 0.3, 14.8)),
        "side": side,
        "disease": disease,
        "layout": layout,
        "exposure": exposure,
        "size_px": template.size_px,
        "artefacts": artefacts,
        "posture": Posture(
            deviation=float(rng.normal(1, 5)),
            spread=float(rng.uniform(0.2, 1.25)),
            view=View3D(float(rng.normal(4, 5)), float(rng.normal(0, 8))),
        ),
    }
    return wrist(seed, **fixed)
