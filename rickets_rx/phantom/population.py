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
    # Hands lie straight, bent to the little finger's side, so that the forearm comes in from its side.
    deviation = float(np.clip(rng.normal(6, 7), -10, 26))
    layout = replace(
        draw_layout(rng, side),
        beyond=None if template.hand else float(rng.uniform(2.0, 3.4)),
        behind=float(rng.uniform(1.0, 3.8)),
        beside=float(rng.uniform(0.0, 0.5) if template.hand else rng.uniform(0.0, 0.4)),
        above=float(rng.uniform(0.15, 1.1)),
        angle=float(rng.normal(2, 6)) - deviation,
        collimated=0.0 if template.hand else float(rng.uniform(0.05, 0.2)),
        frame="dark",
        mirror=False,
    )
    if template.hand:
        aside = float(np.clip(rng.normal(0.2, 0.35), -0.4, layout.beside + 0.45))
        layout = replace(layout, aside=aside, trimmed=True)
    if template.hand and len(layout.marker) < 2 and rng.random() < 0.8:
        layout = replace(layout, marker="L" + "".join(rng.choice(list("ABCDEGJKLMNPRSTVW"), 2)))
    if template.hand and rng.random() < 0.85:
        # Markers of left hands lie on the side of the little finger.
        layout = replace(layout, marker_within=0.35)
    artefacts = replace(draw_artefacts(rng), eight_bit=True, jpeg=0, metal="", step=0.0)
    # A third of the films have a bright or a black edge.
    artefacts = replace(artefacts, rim=0.6 * artefacts.rim if rng.random() < 0.65 else 0.0)
    artefacts = replace(artefacts, cassette=artefacts.cassette if rng.random() < 0.4 else 0.0)
    if artefacts.cassette:
        layout = replace(layout, above=layout.above + 1.6, beside=layout.beside + 1.2)
    artefacts = replace(
        artefacts,
        veil=float(np.exp(rng.normal(np.log(0.055), 0.4))),
        specks=int(rng.integers(1, 25)) if rng.random() < 0.3 else 0,
        sheet=float(rng.uniform(0.01, 0.05)) if rng.random() < 0.14 else 0.0,
    )
    exposure = draw_exposure(rng)
    exposure = replace(
        exposure, low=min(exposure.low, 0.01), high=float(np.clip(1.05 * exposure.high, 1.06, 1.4)),
        equalise=0.05 + 0.4 * (exposure.equalise - 0.1), edge=min(exposure.edge, 1.2),
        edge_scale=min(exposure.edge_scale, 0.7), slope=0.8 + 0.6 * (exposure.slope - 0.8),
        detector_blur=0.6 * exposure.detector_blur, focal_blur=0.6 * exposure.focal_blur,
        grain_blur=float(rng.uniform(0.4, 1.0)),
    )  # fmt: skip
    if rng.random() < 0.8:
        # Most films have nearly black air, at 8-20 of 255.
        dark = float(np.clip(np.exp(rng.normal(np.log(0.016), 0.5)), 0.004, 0.08))
        exposure = replace(exposure, haze=dark, low=max(exposure.low, -0.03))
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
            # `Posture` counts to the side of the thumb.
            deviation=-deviation,
            spread=float(rng.uniform(0.2, 1.25)),
            view=View3D(float(rng.normal(4, 5)), float(rng.normal(0, 8))),
        ),
    }
    return wrist(seed, **fixed)
