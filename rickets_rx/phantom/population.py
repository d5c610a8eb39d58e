"""Phantoms taken as a given population of films is: its ages, crops, sizes, markers and looks."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from rickets_rx.phantom.artefacts import Artefacts, draw_artefacts
from rickets_rx.phantom.disease import MIMICS, Disease
from rickets_rx.phantom.draws import draw_exposure, draw_layout
from rickets_rx.phantom.exposure import Exposure
from rickets_rx.phantom.film import PhantomFilm
from rickets_rx.phantom.generate import wrist
from rickets_rx.phantom.hand_anatomy import Posture
from rickets_rx.phantom.layout import Layout
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
    """A phantom for a place in the population: mostly a left hand, 8 bit, no word that calls it synthetic."""
    rng = np.random.default_rng((seed, 43))
    # Of the hands a few are right ones.
    side = Side.LEFT if rng.random() < (0.96 if template.hand else 0.5) else Side.RIGHT
    # The forearm comes in from the little finger's side, 6 degrees off the upright in the mean of 44 films
    # (scatter 8), and the hand is bent so far that the skin beside wrist and palm lies as on them.
    bent = float(np.interp(template.age, (6, 9, 12), (6, 8, 13)))
    deviation = float(np.clip(rng.normal(bent, 7), -8, 30))
    infant = template.hand and template.age < 2.1 and rng.random() < 0.6
    layout = (_hand if template.hand else _wrist)(rng, side, deviation)
    if infant and rng.random() < 0.8:
        layout = replace(layout, marker="")
    artefacts = _artefacts(rng)
    if artefacts.cassette:
        layout = replace(layout, above=layout.above + 1.6, beside=layout.beside + 1.2)
    disease: dict[Bone, Disease] = {}
    if not template.normal:
        disease[Bone.RADIUS] = Disease.preset(str(rng.choice(MIMICS)))
    fixed: dict[str, Any] = {
        "age": float(np.clip(template.age, 0.3, 14.8)),
        "side": side,
        "disease": disease,
        "layout": layout,
        "exposure": _exposure(rng, infant=infant),
        "size_px": template.size_px,
        "artefacts": artefacts,
        "posture": Posture(
            # `Posture` counts to the side of the thumb.
            deviation=-deviation,
            spread=float(rng.uniform(0.4, 1.25)),
            view=View3D(float(rng.normal(4, 5)), float(rng.normal(0, 8))),
        ),
    }
    return wrist(seed, **fixed)


def _hand(rng: np.random.Generator, side: Side, deviation: float) -> Layout:
    """A whole hand, upright, with the forearm leaving through the film's lower edge."""
    left = side is Side.LEFT
    angle = float(rng.normal(4, 6)) - deviation
    beside = float(rng.uniform(0.0, 0.5))
    layout = replace(
        draw_layout(rng, side),
        beyond=None,
        behind=float(rng.uniform(1.0, 3.8)),
        beside=beside,
        above=float(rng.uniform(0.15, 1.1)),
        angle=angle if left else -angle,
        collimated=0.0,
        mirror=False,
        aside=float(np.clip(rng.normal(0.2, 0.35), -0.4, beside + 0.45)),
        trimmed=True,
    )
    if len(layout.marker) < 2 and rng.random() < 0.8:
        initials = "".join(rng.choice(list("ABCDEGJKLMNPRSTVW"), 2))
        layout = replace(layout, marker=side.value[0].upper() + initials)
    if left and rng.random() < 0.85:
        # Markers of left hands lie on the side of the little finger.
        layout = replace(layout, marker_within=0.35)
    return layout


def _wrist(rng: np.random.Generator, side: Side, deviation: float) -> Layout:
    """A wrist whose field nearly fills the film."""
    return replace(
        draw_layout(rng, side),
        beyond=float(rng.uniform(2.0, 3.4)),
        behind=float(rng.uniform(1.0, 3.8)),
        beside=float(rng.uniform(0.0, 0.4)),
        angle=float(rng.normal(0, 2.5)) - 0.1 * deviation,
        collimated=float(rng.uniform(0.02, 0.12)),
        frame="bright" if rng.random() < 0.3 else "dark",
        mirror=False,
    )


def _artefacts(rng: np.random.Generator) -> Artefacts:
    """What lies on the films: a third have a bright or a black edge, all an uneven ground."""
    drawn = draw_artefacts(rng)
    return replace(
        drawn,
        eight_bit=True,
        grain=max(drawn.grain, 0.0012),
        jpeg=0,
        metal="",
        step=0.0,
        rim=0.6 * drawn.rim if rng.random() < 0.65 else 0.0,
        cassette=float(rng.uniform(0.03, 0.1)) if rng.random() < 0.025 else 0.0,
        veil=float(np.exp(rng.normal(np.log(0.023), 0.5))),
        specks=int(rng.integers(1, 9)) if rng.random() < 0.3 else 0,
        sheet=float(rng.uniform(0.01, 0.05)) if rng.random() < 0.08 else 0.0,
    )


def _exposure(rng: np.random.Generator, *, infant: bool) -> Exposure:
    """Most films have nearly black air, at 8-20 of 255; ``infant`` is a pale film that was scanned."""
    drawn = draw_exposure(rng)
    out = replace(
        drawn,
        low=min(drawn.low, 0.01),
        high=float(np.clip(1.05 * drawn.high, 1.06, 1.4)),
        equalise=0.01 + 0.15 * (drawn.equalise - 0.1),
        middle=drawn.middle + 0.14,
        edge=min(drawn.edge, 1.2),
        edge_scale=min(drawn.edge_scale, 0.7),
        slope=1.0 + 0.6 * (drawn.slope - 0.8),
        detector_blur=0.6 * drawn.detector_blur,
        focal_blur=0.6 * drawn.focal_blur,
        grain_blur=float(rng.uniform(0.4, 1.0)),
    )
    if infant:
        return replace(
            out, haze=float(rng.uniform(0.25, 0.48)), equalise=0.05, high=1.03, edge=0.4 * out.edge
        )
    if rng.random() < 0.8:
        dark = float(np.clip(np.exp(rng.normal(np.log(0.006), 0.5)), 0.002, 0.06))
        out = replace(out, haze=dark, low=max(out.low, -0.015))
    return out
