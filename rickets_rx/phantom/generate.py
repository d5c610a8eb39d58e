"""Make phantom films: one wrist or elbow with chosen disease, or a stream drawn at random."""

from dataclasses import replace
from typing import Any, TypedDict, Unpack

import numpy as np

from rickets_rx.phantom.anatomy import Child, draw_child
from rickets_rx.phantom.artefacts import Artefacts, draw_artefacts
from rickets_rx.phantom.disease import Disease
from rickets_rx.phantom.draws import draw_disease, draw_exposure, draw_layout
from rickets_rx.phantom.elbow_anatomy import ElbowPosture, elbow_limb
from rickets_rx.phantom.exposure import Exposure
from rickets_rx.phantom.film import PhantomFilm
from rickets_rx.phantom.hand_anatomy import Posture, wrist_limb
from rickets_rx.phantom.layout import Layout
from rickets_rx.phantom.limb import Limb
from rickets_rx.phantom.margins import View3D
from rickets_rx.phantom.scene import Scene, arrange, film_of
from rickets_rx.vocabulary import BONES_OF_JOINT, Bone, Joint, Side


class Taking(TypedDict, total=False):
    """How a film is taken; what is missing is drawn from the seed.

    ``size_px`` is the longer side of the film, ``spacing_mm`` the pixel pitch instead (default 0.144 mm).
    ``chance`` numbers the films of one child: another one is positioned, exposed and grained anew.
    """

    layout: Layout
    exposure: Exposure
    posture: Posture | ElbowPosture
    size_px: int | None
    spacing_mm: float | None
    artefacts: Artefacts
    chance: int


def wrist(
    seed: int,
    *,
    age: float | None = None,
    side: Side | None = None,
    disease: dict[Bone, Disease] | None = None,
    both: bool = False,
    **taking: Unpack[Taking],
) -> PhantomFilm:
    """A frontal film of one wrist; what is not given is drawn from ``seed``.

    Parameters
    ----------
    seed : int
        The child. Same seed and arguments, same bytes.
    age : float
        Years, 0-16.
    disease : dict of Bone to Disease
        Bones that are not named are healthy.
    both : bool
        Both wrists on one film, left and right (``side`` is then not used).
    **taking
        As in `Taking`.
    """
    rng = np.random.default_rng(seed)
    child, side = _who(rng, age, side)
    chance = np.random.default_rng((seed, 5, taking.get("chance", 0)))
    layout = taking.get("layout") or Layout(marker=side.value[0].upper())
    # The physis leans 5 degrees or so against a beam that stands upright on the forearm.
    view = View3D(float(chance.normal(5, 4)), float(chance.normal(0, 6)))
    posture = taking.get("posture") or Posture(deviation=float(chance.normal(0, 6)), view=view)
    if not isinstance(posture, Posture):
        raise TypeError("a wrist takes a Posture")
    if both:
        # What lies left on the film is the left hand, so the film can only lean.
        layout = replace(layout, angle=float(np.clip(layout.angle, -12, 12)))
    reach = 9.0 if layout.beyond is None else layout.beyond
    fingers = reach > 1.5
    limbs = [
        wrist_limb(
            rng,
            child,
            disease or {},
            side=one,
            posture=posture,
            pitch=_pitch(taking, layout.behind + reach, child.width_of(Bone.RADIUS)),
            forearm=max(1.5, layout.behind + 2.2),
            fingers=fingers,
        )
        for one in ((Side.LEFT, Side.RIGHT) if both else (side,))
    ]
    return _take(limbs, child, seed, layout, taking, chance)


def elbow(
    seed: int,
    *,
    age: float | None = None,
    side: Side | None = None,
    disease: dict[Bone, Disease] | None = None,
    **taking: Unpack[Taking],
) -> PhantomFilm:
    """An AP film of one elbow; arguments as in ``wrist``. The proximal ulna is always ``overlapped``."""
    rng = np.random.default_rng((seed, 3))
    child, side = _who(rng, age, side)
    chance = np.random.default_rng((seed, 7, taking.get("chance", 0)))
    layout = taking.get("layout") or Layout(behind=1.8, beyond=2.0, marker=side.value[0].upper())
    reach = 2.0 if layout.beyond is None else layout.beyond
    layout = replace(layout, beyond=reach)
    view = View3D(float(chance.normal(0, 4)), float(chance.normal(0, 5)))
    posture = taking.get("posture") or ElbowPosture(float(chance.normal(8, 5)), view)
    if not isinstance(posture, ElbowPosture):
        raise TypeError("an elbow takes an ElbowPosture")
    limb = elbow_limb(
        rng,
        child,
        disease or {},
        side=side,
        posture=posture,
        pitch=_pitch(taking, layout.behind + reach, child.width_of(Bone.HUMERUS)),
        upper=max(1.5, layout.behind + 1.2),
        forearm=max(1.5, reach + 1.2),
    )
    return _take([limb], child, seed, layout, taking, chance)


def _who(rng: np.random.Generator, age: float | None, side: Side | None) -> tuple[Child, Side]:
    years, left = float(rng.uniform(0.3, 6.0)), rng.random() < 0.5
    child = draw_child(rng, years if age is None else age)
    return child, side or (Side.LEFT if left else Side.RIGHT)


def _pitch(taking: Taking, widths: float, unit: float) -> float:
    """Step of the solids' maps, mm: finer than the film's pixels, which are not known before the layout."""
    size, spacing = taking.get("size_px"), taking.get("spacing_mm")
    pixel = spacing or (widths * unit / size if size else 0.144)
    return max(0.75 * pixel, 0.06)


def _take(
    limbs: list[Limb], child: Child, seed: int, layout: Layout, taking: Taking, chance: np.random.Generator
) -> PhantomFilm:
    exposure = taking.get("exposure") or draw_exposure(chance)
    size, spacing = taking.get("size_px"), taking.get("spacing_mm")
    placed, shape = arrange(limbs, layout, spacing or (None if size else 0.144), size)
    scene = Scene(placed, shape, layout, exposure, taking.get("artefacts") or Artefacts())
    return film_of(scene, child, seed, chance)


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
            view=View3D(float(rng.normal(4, 5)), float(rng.normal(0, 10))),
        )
    else:
        drawn["layout"] = replace(
            draw_layout(rng, side), behind=float(rng.uniform(0.7, 2.2)), beyond=float(rng.uniform(0.9, 2.4)),
            beside=float(rng.uniform(0.0, 0.4)),
            angle=float(rng.normal(180, 14) if rng.random() < 0.6 else rng.uniform(0, 360)),
        )  # fmt: skip
    arguments = drawn | fixed
    return wrist(seed, **arguments) if Joint(joint) is Joint.WRIST else elbow(seed, **arguments)
