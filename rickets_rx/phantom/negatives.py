"""Films that must be refused, and as what: other views, other body parts, closed growth plates, plaster."""

from dataclasses import replace

import numpy as np

from rickets_rx.phantom.anatomy import Child, draw_child
from rickets_rx.phantom.artefacts import draw_artefacts
from rickets_rx.phantom.bone_end import grow
from rickets_rx.phantom.disease import Disease
from rickets_rx.phantom.draws import draw_exposure, draw_layout
from rickets_rx.phantom.epiphyses import capped
from rickets_rx.phantom.film import PhantomFilm
from rickets_rx.phantom.fused import fused
from rickets_rx.phantom.hand_anatomy import Posture, draw_shape, wrist_limb
from rickets_rx.phantom.layout import Layout
from rickets_rx.phantom.limb import Capsule, GradedBone, Limb
from rickets_rx.phantom.margins import View3D
from rickets_rx.phantom.measure import survey
from rickets_rx.phantom.metal import ON_BONE
from rickets_rx.phantom.place import Placement
from rickets_rx.phantom.scene import Scene, arrange, film_of
from rickets_rx.phantom.small_bones import Disc, Look
from rickets_rx.vocabulary import Bone, Joint, RefusalReason, Side, View

KINDS: dict[str, RefusalReason] = {
    "lateral": RefusalReason.LATERAL_VIEW,
    "oblique": RefusalReason.OBLIQUE,
    "closed": RefusalReason.CLOSED_PHYSIS,
    "cast": RefusalReason.CAST_OR_METAL,
    "fingers": RefusalReason.WRONG_BODY_PART,
    "shaft": RefusalReason.WRONG_BODY_PART,
    "knee": RefusalReason.WRONG_BODY_PART,
    "cut_off": RefusalReason.CUT_OFF,
    "underexposed": RefusalReason.POOR_EXPOSURE,
    "splint": RefusalReason.CAST_OR_METAL,
    "metal": RefusalReason.CAST_OR_METAL,
}
_NO_TRUTH = ("lateral", "oblique", "fingers", "shaft", "knee")


def negative(kind: str, seed: int, *, size_px: int | None = None, keep_joints: bool = False) -> PhantomFilm:
    """A film that must be refused as ``KINDS[kind]``.

    Bones keep their truth only where the film shows them frontally (``closed``, ``cast``, ``cut_off``,
    ``underexposed``); the other kinds have no joints, unless ``keep_joints`` asks for the places (and only
    the places are true then) at which a search may be misled, to teach it otherwise.

    Raises
    ------
    ValueError
        When there is no such kind; names the ones there are.
    """
    if kind not in KINDS:
        raise ValueError(f"no kind {kind!r}; there are {', '.join(KINDS)}")
    rng = np.random.default_rng((seed, 17, list(KINDS).index(kind)))
    age = float(rng.uniform(16.5, 18.5)) if kind == "closed" else float(rng.uniform(0.4, 13.0))
    child = draw_child(rng, age)
    side = Side.LEFT if rng.random() < 0.5 else Side.RIGHT
    layout = _layout(kind, rng, side)
    size_px = size_px or int(rng.integers(400, 900))
    limb = _limb(kind, rng, child, side, layout, size_px)
    exposure = draw_exposure(rng)
    if kind == "underexposed":
        exposure = replace(exposure, photons=float(rng.uniform(150, 500)), electronic=0.02, edge=0.2)
    artefacts = replace(draw_artefacts(rng), cast_mm=float(rng.uniform(5, 10)) if kind == "cast" else 0.0)
    if kind == "splint":
        artefacts = replace(artefacts, splint_mm=float(rng.uniform(4, 9)))
    if kind == "metal":
        artefacts = replace(artefacts, metal=str(rng.choice(ON_BONE)))
    placed, shape = arrange([limb], layout, None, size_px)
    film = film_of(Scene(placed, shape, layout, exposure, artefacts), child, seed, rng)
    view = {"lateral": View.LATERAL, "oblique": View.OBLIQUE}.get(kind, View.FRONTAL)
    film = replace(film, refuse=KINDS[kind], view=view, knobs={"negative": kind})
    if kind in _NO_TRUTH and not keep_joints:
        film = replace(film, joints=(), labels=np.zeros_like(film.labels))
    return film


def _layout(kind: str, rng: np.random.Generator, side: Side) -> Layout:
    layout = draw_layout(rng, side)
    if kind == "fingers":
        # Nearly upright: a turned film would show the wrist in its corner.
        return replace(
            layout, behind=float(rng.uniform(-2.6, -1.9)), beyond=None, angle=float(rng.normal(0, 4))
        )
    if kind == "shaft":
        return replace(layout, behind=float(rng.uniform(3.6, 4.4)), beyond=float(rng.uniform(-1.4, -0.9)))
    if kind == "cut_off":
        return replace(
            layout,
            behind=float(rng.uniform(-0.5, 0.0)),
            angle=float(rng.normal(0, 4)),
            collimated=0.0,
            trimmed=True,
        )
    if kind == "knee":
        return replace(layout, behind=float(rng.uniform(0.8, 2.2)), beyond=float(rng.uniform(1.0, 2.2)))
    return replace(layout, behind=float(rng.uniform(1.2, 3.5)), beyond=float(rng.uniform(1.2, 3.0)))


def _limb(
    kind: str, rng: np.random.Generator, child: Child, side: Side, layout: Layout, size_px: int
) -> Limb:
    unit = child.width_of(Bone.RADIUS)
    pitch = max(0.06, 0.75 * (layout.behind + (layout.beyond or 9.0)) * unit / size_px)
    if kind == "knee":
        return knee_limb(rng, child, side, max(pitch, 0.12))
    squeeze = {"lateral": float(rng.uniform(0.0, 0.2)), "oblique": float(rng.uniform(0.45, 0.65))}.get(
        kind, 1.0
    )
    posture = Posture(
        deviation=float(rng.normal(0, 8)), spread=float(rng.uniform(0.7, 1.5)) * squeeze, squeeze=squeeze,
        view=View3D(float(rng.normal(0, 5)), 0.0),
    )  # fmt: skip
    limb = wrist_limb(
        rng, child, {}, side=side, posture=posture, pitch=pitch, forearm=max(2.0, layout.behind + 2.2)
    )
    if kind == "closed":
        # A plate that is shut in part can still be read beside the part that is, so none is drawn.
        limb = replace(limb, graded=tuple(fused(bone, rng.spawn(1)[0]) for bone in limb.graded))
    return limb


def knee_limb(rng: np.random.Generator, child: Child, side: Side, pitch: float) -> Limb:
    """A knee in AP (femur, tibia, fibula), under the names of wrist bones: it never carries truth."""
    size = 2.9 * child.width_of(Bone.RADIUS)
    grown = min(1.0, 0.45 + child.age / 14)

    def end(width: float, at: tuple[float, float], axis: float, cap: bool) -> GradedBone:
        shape = replace(
            draw_shape(rng, child, Bone.RADIUS, 3.0 * size), width=width, shaft=0.5 * width, flare=(0.5, 0.5),
            collar=1.0, cortex=2.2 * child.size("cortex"), depth=0.75,
        )  # fmt: skip
        bone = grow(shape, Disease(), View3D(), rng)
        found = survey(bone)
        placement = Placement(at, axis)
        if not cap:
            return GradedBone(Bone.RADIUS, bone, placement, None, found)
        wide = np.linspace(-width, width, 41)
        floor = np.full_like(wide, float(found.margin[:, 1].mean()) + 1.2)
        plate = Disc(
            width=grown * width, height=0.36 * grown * width, depth=0.6 * width, centre=0.0,
            floor=np.stack([wide, floor], 1), square=2.8,
        )  # fmt: skip
        cap_seed = int(rng.integers(1 << 30))
        epiphysis = capped(plate, look=Look(0.5), seed=cap_seed, pitch=pitch)
        return GradedBone(Bone.RADIUS, bone, placement, epiphysis, found)

    apart = 0.85 * size
    bones = (
        end(size, (0, 0), 0.0, True),
        end(0.92 * size, (0, apart), 180.0, True),
        end(0.28 * size, (0.55 * size, apart + 0.12 * size), 180.0, False),
    )
    soft = (
        Capsule((0, -3.2 * size), (0, 0.4 * size), 1.15 * size, 0.86 * size, 0.9),
        Capsule((0, 0.4 * size), (0, 4.0 * size), 0.86 * size, 0.7 * size, 0.9),
    )
    return Limb(Joint.WRIST, side, bones, (), soft, size, (-size, -3.0 * size, size, 3.4 * size))
