"""Make phantom films: one wrist or elbow with chosen disease, or a stream drawn at random."""

from dataclasses import replace
from typing import Any

import numpy as np

from rickets_rx.phantom.anatomy import Child, draw_child
from rickets_rx.phantom.artefacts import Artefacts, draw_artefacts
from rickets_rx.phantom.bone_end import View3D
from rickets_rx.phantom.disease import Disease
from rickets_rx.phantom.draws import draw_disease, draw_exposure, draw_layout
from rickets_rx.phantom.elbow_anatomy import ElbowPosture, elbow_limb
from rickets_rx.phantom.exposure import Exposure
from rickets_rx.phantom.film import PhantomFilm
from rickets_rx.phantom.hand_anatomy import Posture, wrist_limb
from rickets_rx.phantom.layout import Layout
from rickets_rx.phantom.scene import Scene, arrange, film_of
from rickets_rx.vocabulary import BONES_OF_JOINT, Bone, Joint, Side


def wrist(
    seed: int, *, age: float | None = None, side: Side | None = None, disease: dict[Bone, Disease] | None =
    None,
    layout: Layout | None = None, exposure: Exposure | None = None, posture: Posture | None = None,
    size_px: int | None = None, spacing_mm: float | None = None, artefacts: Artefacts | None = None,
    both: bool = False,
) -> PhantomFilm:  # fmt: skip
    """A frontal film of one wrist; what is not given is drawn from ``seed``.

    Parameters
    ----------
    seed : int
        Same seed and arguments, same bytes.
    age : float
        Years, 0-16.
    disease : dict of Bone to Disease
        Bones that are not named are healthy.
    size_px : int
        Longer side of the film; or give ``spacing_mm``. Default: a pitch of 0.144 mm.
    both : bool
        Both wrists on one film, left and right (``side`` is then not used).
    """
    rng = np.random.default_rng(seed)
    age = float(rng.uniform(0.3, 6.0)) if age is None else age
    side = (Side.LEFT if rng.random() < 0.5 else Side.RIGHT) if side is None else side
    child = draw_child(rng, age)
    layout = layout or Layout(marker=side.value[0].upper())
    posture = posture or Posture(
        deviation=float(rng.normal(0, 6)), view=View3D(float(rng.normal(0, 4)), float(rng.normal(0, 6)))
    )
    if size_px is None and spacing_mm is None:
        spacing_mm = 0.144
    fingers = layout.beyond is None or layout.beyond > 1.5
    pitch = 0.75 * (spacing_mm or _pitch_guess(child, layout, size_px or 512))
    sides = (Side.LEFT, Side.RIGHT) if both else (side,)
    limbs = [
        wrist_limb(
            rng, child, disease or {}, side=one, posture=posture, pitch=max(pitch, 0.06),
            forearm=max(1.5, layout.behind + 2.2), fingers=fingers,
        )
        for one in sides
    ]  # fmt: skip
    if both:
        # What lies left on the film is the left hand, unless the picture is turned over.
        layout = replace(layout, angle=float(np.clip(layout.angle, -12, 12)))
    exposure = exposure or draw_exposure(rng)
    placed, shape = arrange(limbs, layout, spacing_mm, size_px)
    return film_of(Scene(placed, shape, layout, exposure, artefacts or Artefacts()), child, seed, rng)


def elbow(
    seed: int, *, age: float | None = None, side: Side | None = None, disease: dict[Bone, Disease] | None =
    None,
    layout: Layout | None = None, exposure: Exposure | None = None, posture: ElbowPosture | None = None,
    size_px: int | None = None, spacing_mm: float | None = None, artefacts: Artefacts | None = None,
) -> PhantomFilm:  # fmt: skip
    """An AP film of one elbow; arguments as in ``wrist``. The proximal ulna is always ``overlapped``."""
    rng = np.random.default_rng((seed, 3))
    age = float(rng.uniform(0.3, 6.0)) if age is None else age
    side = (Side.LEFT if rng.random() < 0.5 else Side.RIGHT) if side is None else side
    child = draw_child(rng, age)
    layout = layout or Layout(behind=1.8, beyond=2.0, marker=side.value[0].upper())
    if layout.beyond is None:
        layout = replace(layout, beyond=2.0)
    posture = posture or ElbowPosture(
        float(rng.normal(8, 5)), View3D(float(rng.normal(0, 4)), float(rng.normal(0, 5)))
    )
    if size_px is None and spacing_mm is None:
        spacing_mm = 0.144
    long = (layout.behind + (layout.beyond or 2.0)) * child.width_of(Bone.HUMERUS)
    pitch = 0.75 * (spacing_mm or long / (size_px or 512))
    limb = elbow_limb(
        rng, child, disease or {}, side=side, posture=posture, pitch=max(pitch, 0.06),
        upper=max(1.5, layout.behind + 1.2), forearm=max(1.5, (layout.beyond or 2.0) + 1.2),
    )  # fmt: skip
    exposure = exposure or draw_exposure(rng)
    placed, shape = arrange([limb], layout, spacing_mm, size_px)
    return film_of(Scene(placed, shape, layout, exposure, artefacts or Artefacts()), child, seed, rng)


def _pitch_guess(child: Child, layout: Layout, size_px: int) -> float:
    long = (layout.behind + (9.0 if layout.beyond is None else layout.beyond)) * child.width_of(Bone.RADIUS)
    return long / size_px


def sample(
    joint: Joint | str, seed: int, *, ages: tuple[float, float] = (0.2, 16.0),
    severity: tuple[float, float] | None = None, rachitic: float = 0.5, size_px: tuple[int, int] = (400, 900),
    **fixed: Any,
) -> PhantomFilm:  # fmt: skip
    """One film of the training stream: child, disease, position and exposure drawn at random.

    Parameters
    ----------
    joint : Joint
    ages : (low, high)
        Years; half of the draws fall in 0.3-6, where rickets presents.
    severity : (low, high), optional
        Severity of the disease knobs, all films rachitic; default: ``rachitic`` of the films, over the
        whole range.
    size_px : (low, high)
        Longer side of the film.
    **fixed
        Handed to ``wrist`` or ``elbow`` instead of being drawn.
    """
    rng = np.random.default_rng((seed, 11))
    early = (max(ages[0], 0.3), min(ages[1], 6.0))
    low, high = early if early[0] < early[1] and rng.random() < 0.55 else ages
    side = Side.LEFT if rng.random() < 0.5 else Side.RIGHT
    drawn: dict[str, Any] = {
        "age": float(rng.uniform(low, high)),
        "side": side,
        "disease": draw_disease(rng, severity, rachitic, BONES_OF_JOINT[Joint(joint)]),
        "layout": draw_layout(rng, side),
        "exposure": draw_exposure(rng),
        "size_px": int(rng.integers(size_px[0], size_px[1] + 1)),
        "artefacts": draw_artefacts(rng),
    }
    if Joint(joint) is Joint.WRIST:
        drawn["both"] = bool(rng.random() < 0.06)
        drawn["posture"] = Posture(
            deviation=float(rng.normal(0, 9)),
            spread=float(rng.uniform(0.9, 2.1)),
            view=View3D(float(rng.normal(0, 6)), float(rng.normal(0, 10))),
        )
    else:
        drawn["layout"] = replace(
            draw_layout(rng, side), behind=float(rng.uniform(0.7, 2.2)), beyond=float(rng.uniform(0.9, 2.4)),
            beside=float(rng.uniform(0.0, 0.4)),
            angle=float(rng.normal(180, 14) if rng.random() < 0.6 else rng.uniform(0, 360)),
        )  # fmt: skip
    make = wrist if Joint(joint) is Joint.WRIST else elbow
    return make(seed, **(drawn | fixed))
