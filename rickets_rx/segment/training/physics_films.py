"""Training films from the physics phantoms, with points in the contract's convention."""

import logging
from dataclasses import replace

import numpy as np

from rickets_rx.phantom.artefacts import draw_artefacts
from rickets_rx.phantom.film import PhantomBone, PhantomFilm, PhantomJoint
from rickets_rx.phantom.metal import ON_BONE
from rickets_rx.segment.frame import BoneFrame
from rickets_rx.segment.training.canvas import POINTS, FilmClass, JointTarget, TrainingFilm
from rickets_rx.segment.training.crude_negatives import covered
from rickets_rx.segment.training.films import lighter
from rickets_rx.vocabulary import Bone, Joint, Status

COVERED_SHARE = 0.08
SEVERE_SHARE, SEVERE = 0.25, (0.65, 1.0)
"""Share of the films that is severely diseased on top of those that are so by chance: severe disease is no
reason to refuse a bone, and its margin is the hardest to see (ours)."""
log = logging.getLogger(__name__)
BONES = {Joint.WRIST: (Bone.RADIUS, Bone.ULNA), Joint.ELBOW: (Bone.HUMERUS, Bone.RADIUS_PROXIMAL)}


def physics_film(joint: Joint, seed: int, close: bool) -> TrainingFilm:
    """One phantom film, a few hundred pixels long; ``close`` shows little more than the joint itself."""
    return training_film(_drawn(joint, seed, close))


def _drawn(joint: Joint, seed: int, close: bool, **more: object) -> PhantomFilm:
    from rickets_rx import phantom

    """A film of the training stream; ``more`` fixes what is not to be drawn."""
    fixed: dict[str, object] = {"size_px": (300, 400), **more}
    rng = np.random.default_rng((seed, 5))
    if rng.random() < SEVERE_SHARE:
        fixed["severity"] = SEVERE
    if close:
        fixed["layout"] = phantom.Layout(
            behind=float(rng.uniform(0.8, 2.6)),
            beyond=float(rng.uniform(0.8, 1.8)),
            beside=float(rng.uniform(0.1, 0.6)),
            angle=float(rng.normal(0, 10)),
            marker="",
        )
    return phantom.sample(joint, seed, **fixed)  # type: ignore[arg-type]


def foreign_films(joint: Joint, count: int, seed: int, close: bool) -> list[TrainingFilm]:
    """``count`` phantom films with splints, plates and wires, in turn (seeds as in `physics_films`).

    A bone under them is taught as absent, the film as under a cast where that is its first bone; a bone
    clear of them is taught like any other.
    """
    films = []
    for i in range(count):
        rng = np.random.default_rng((seed, i, 7))
        look = draw_artefacts(rng)
        if i % 2:
            look = replace(look, metal=str(rng.choice(ON_BONE)))
        else:
            look = replace(look, splint_mm=float(rng.uniform(3, 9)))
        film = _drawn(joint, seed * 1_000_000 + i, close, artefacts=look)
        shown = training_film(replace(film, refuse=None))
        films.append(shown if shown.joints else misleading(film))
    return films


def training_film(film: PhantomFilm) -> TrainingFilm:
    """The film with the key points of every joint whose first bone is to be reported."""
    shows = FilmClass(film.refuse.value) if film.refuse else FilmClass.OPEN
    targets = (joint_target(joint) for joint in film.joints)
    return lighter(
        TrainingFilm(film.pixels, tuple(t for t in targets if np.isfinite(t.points[:2]).all()), shows)
    )


def joint_target(joint: PhantomJoint) -> JointTarget:
    """Key points of a phantom joint, NaN for bones that the film cannot show."""
    points = np.full((POINTS, 2), np.nan, np.float32)
    distal = np.zeros(2, np.float32)
    for index, name in enumerate(BONES[joint.joint]):
        for bone in joint.bones:
            if bone.bone is name and bone.status is Status.SCORED:
                points[3 * index : 3 * index + 3] = bone_points(bone)
            if bone.bone is name and index == 0:
                distal[:] = bone.distal
    return JointTarget(joint.joint, points, distal)


def bone_points(bone: PhantomBone) -> np.ndarray:
    """Corner 1, corner 2 and the margin above the middle of the chord, shape (3, 2)."""
    frame = BoneFrame(bone.corner1, bone.corner2, bone.distal)
    vu = frame.from_pixels(bone.margin)
    order = np.argsort(vu[:, 0], kind="stable")
    middle = frame.to_pixels(0.0, float(np.interp(0.0, vu[order, 0], vu[order, 1])))
    return np.array([bone.corner1, bone.corner2, middle])


def physics_films(joint: Joint, count: int, seed: int, close: bool) -> list[TrainingFilm]:
    """``count`` phantom films; seeds start at ``seed`` x 1 000 000, far from the seeds used elsewhere."""
    films = []
    for i in range(count):
        film = physics_film(joint, seed * 1_000_000 + i, close)
        rng = np.random.default_rng((seed, i, 3))
        if film.joints and film.shows is FilmClass.OPEN and rng.random() < COVERED_SHARE:
            film = lighter(covered(film, rng))
        if film.joints:
            films.append(film)
    log.info("%d of %d phantom films show the first bone of a %s", len(films), count, joint.value)
    return films


REFUSED_KINDS = (
    "lateral", "closed", "cast", "fingers", "shaft", "knee", "cut_off", "oblique", "underexposed",
)  # fmt: skip


def refused_films(count: int, seed: int) -> list[TrainingFilm]:
    """``count`` phantom films to be refused, every kind in turn, with the places that mislead a search."""
    from rickets_rx import phantom

    films = []
    for i in range(count):
        kind = REFUSED_KINDS[i % len(REFUSED_KINDS)]
        film = phantom.negative(kind, seed * 1_000_000 + i, size_px=300 + i % 100, keep_joints=True)
        films.append(misleading(film))
    return films


def misleading(film: PhantomFilm) -> TrainingFilm:
    """A film to be refused; a joint stays as a place to look at only where its first bone is on the film."""
    drawn = TrainingFilm(
        film.pixels, tuple(_any_target(joint) for joint in film.joints), FilmClass(str(film.refuse))
    )
    size = np.array(film.pixels.shape[::-1])
    seen = tuple(j for j in drawn.joints if ((j.points[:2] > 0) & (j.points[:2] < size)).all())
    return lighter(replace(drawn, joints=seen))


def _any_target(joint: PhantomJoint) -> JointTarget:
    """Corners of the first bone whatever its status; the rest is not used of a film to be refused."""
    first = next(bone for bone in joint.bones if bone.bone in (pair[0] for pair in BONES.values()))
    points = np.full((POINTS, 2), np.nan, np.float32)
    points[:3] = bone_points(first)
    return JointTarget(joint.joint, points, np.asarray(first.distal, np.float32))
