"""Limbs on a film: arranged, exposed, and written down with all that is true of them."""

from dataclasses import asdict, dataclass, replace

import cv2
import numpy as np

from rickets_rx.phantom.anatomy import CLOSING_AGE, Child
from rickets_rx.phantom.artefacts import Artefacts, cast_map, spoil
from rickets_rx.phantom.disease import MIMICS
from rickets_rx.phantom.exposure import Exposure, detect, present
from rickets_rx.phantom.film import PhantomBone, PhantomFilm, PhantomJoint, Points
from rickets_rx.phantom.layout import Layout, beam_field, draw_frame, lay_out
from rickets_rx.phantom.limb import GradedBone, Limb, bone_map, label_map, limb_tissue
from rickets_rx.phantom.markers import draw_marker
from rickets_rx.phantom.measure import irregularity, measure
from rickets_rx.phantom.metal import ON_BONE, metal_map, splint_map
from rickets_rx.phantom.noise import FloatArray
from rickets_rx.phantom.place import Pose, apply
from rickets_rx.phantom.truth import film_severity, signs_of
from rickets_rx.vocabulary import RefusalReason, Status

OPAQUE_MM = 0.5
"""Cortical-bone equivalent of foreign matter from which it hides what lies under it (ours)."""
CLEAR_OF_MARGIN = 0.3
"""Widths round a margin within which foreign matter makes the bone no bone to grade (ours)."""


def shown_behind(bone: GradedBone, pose: Pose, shape: tuple[int, int], field: Points) -> float:
    """How far behind the chord both outer edges of a bone lie within the field and the film, mm."""
    steps = np.linspace(0, min(1.3 * bone.end.width, bone.end.shape.length), 53)
    left, right = bone.end.edges(-steps)
    matrix = pose.matrix() @ bone.placement.matrix()
    inside = np.ones(len(steps), bool)
    contour = field.astype(np.float32).reshape(-1, 1, 2)
    for edge in (left, right):
        points = apply(matrix, np.stack([edge, -steps], axis=1))
        for i, (x, y) in enumerate(points):
            on_film = 0 <= x <= shape[1] - 1 and 0 <= y <= shape[0] - 1
            inside[i] &= on_film and cv2.pointPolygonTest(contour, (float(x), float(y)), False) >= 0
    return float(steps[-1] if inside.all() else steps[max(int(np.argmin(inside)) - 1, 0)])


def covered(bone: GradedBone, pose: Pose, foreign: FloatArray) -> bool:
    """Whether foreign matter (mm of cortical bone) lies over a margin or within `CLEAR_OF_MARGIN` of it."""
    clear = np.asarray(foreign < OPAQUE_MM, np.uint8)
    if clear.all():
        return False
    margin = apply(pose.matrix() @ bone.placement.matrix(), bone.survey.margin)
    last = np.array(foreign.shape[::-1]) - 1
    columns, rows = np.clip(np.round(margin), 0, last).astype(int).T
    away = cv2.distanceTransform(clear, cv2.DIST_L2, 5)[rows, columns]
    return bool(away.min() * pose.spacing_mm <= CLEAR_OF_MARGIN * bone.end.width)


def _why_not(
    bone: GradedBone, corners: Points, shape: tuple[int, int], field: Points
) -> RefusalReason | None:
    """Why a bone cannot be graded on this film, None where it can."""
    contour = field.astype(np.float32).reshape(-1, 1, 2)
    last = np.array([shape[1], shape[0]]) - 3
    if (corners < 2).any() or (corners > last).any():
        return RefusalReason.CUT_OFF
    if any(cv2.pointPolygonTest(contour, (float(x), float(y)), False) < 0 for x, y in corners):
        return RefusalReason.CUT_OFF
    if bone.overlapped:
        return RefusalReason.OVERLAPPED
    return RefusalReason.FRACTURE_OR_LESION if bone.end.disease.variant in MIMICS else None


def bone_truth(bone: GradedBone, pose: Pose, shape: tuple[int, int], field: Points) -> PhantomBone:
    """What is true of one bone end on one film whose beam fills the polygon ``field``."""
    matrix = pose.matrix() @ bone.placement.matrix()
    end = bone.end
    half = end.width / 2
    corners = apply(matrix, [(-half, 0), (half, 0)])
    margin, envelope = apply(matrix, bone.survey.margin), apply(matrix, bone.survey.envelope)
    distal = matrix[:2, 1] / np.hypot(*matrix[:2, 1])
    features, reasons = measure(bone.survey, bone.epiphysis, shown_behind(bone, pose, shape, field))
    signs = signs_of(end.disease, features["cupping"] or 0.0, irregularity(bone.survey))
    value, grade, shifted = film_severity(signs)
    reason = _why_not(bone, corners, shape, field)
    return PhantomBone(
        bone=bone.bone,
        corner1=(float(corners[0, 0]), float(corners[0, 1])),
        corner2=(float(corners[1, 0]), float(corners[1, 1])),
        distal=(float(distal[0]), float(distal[1])),
        margin=margin,
        envelope=envelope,
        epiphysis=apply(matrix, bone.epiphysis.plate.outline()) if bone.epiphysis else None,
        features=features,
        null_reasons=reasons,
        severity=value,
        grade=grade,
        grade_shifted=shifted,
        activity=end.disease.activity,
        status=Status.SCORED if reason is None else Status.REFUSED,
        reason=reason,
        variant=end.disease.variant,
    )


@dataclass(frozen=True, eq=False)
class Scene:
    """Limbs as they lie on one film.

    Parameters
    ----------
    limbs : tuple of (Limb, Pose, field)
        ``field`` is the polygon (4, 2) that the beam fills round that limb, film pixels.
    """

    limbs: tuple[tuple[Limb, Pose, Points], ...]
    shape: tuple[int, int]
    layout: Layout
    exposure: Exposure
    artefacts: Artefacts

    @property
    def spacing_mm(self) -> float:
        return self.limbs[0][1].spacing_mm

    def seen(self, field: Points) -> Points:
        """The polygon within which a limb shows: its field, or the whole film where nothing is collimated."""
        if self.layout.collimated > 0:
            return field
        right, bottom = self.shape[1] - 1.0, self.shape[0] - 1.0
        return np.array([(0.0, 0.0), (right, 0.0), (right, bottom), (0.0, bottom)])

    def beam(self) -> FloatArray:
        """Share of the beam that the collimator lets through, 0-1."""
        if self.layout.collimated <= 0:
            return np.ones(self.shape, np.float32)
        fields = [beam_field(self.shape, field, self.spacing_mm) for _, _, field in self.limbs]
        return np.maximum.reduce(fields)


def arrange(limbs: list[Limb], layout: Layout, spacing_mm: float | None, size_px: int | None) -> tuple[
    tuple[tuple[Limb, Pose, Points], ...], tuple[int, int]
]:  # fmt: skip
    """Lay limbs side by side, left to right, on a film that holds them all."""
    if len(limbs) > 1 and spacing_mm is None:
        # Two limbs share the longer side.
        wide = [lay_out(limb, layout, 1.0, None)[1] for limb in limbs]
        extent = max(sum(w[1] for w in wide), max(w[0] for w in wide))
        spacing_mm = extent / (size_px or 512)
    out, left, rows = [], 0, 0
    for limb in limbs:
        pose, shape, field = lay_out(limb, layout, spacing_mm, size_px)
        moved = replace(pose, anchor=(pose.anchor[0] + left, pose.anchor[1]))
        out.append((limb, moved, field + np.array([left, 0.0])))
        left, rows = left + shape[1], max(rows, shape[0])
    return tuple(out), (rows, left)


def foreign_map(scene: Scene, rng: np.random.Generator) -> FloatArray:
    """Splints and metal of a scene along the beam, mm of cortical bone, shape (rows, columns)."""
    out = np.zeros(scene.shape, np.float32)
    for limb, pose, _ in scene.limbs:
        if scene.artefacts.splint_mm:
            out += splint_map(limb, pose, scene.shape, scene.artefacts.splint_mm, rng)
        if scene.artefacts.metal:
            out += metal_map(scene.artefacts.metal, limb, pose, scene.shape, rng)
    return out


def expose(scene: Scene, foreign: FloatArray, rng: np.random.Generator) -> FloatArray:
    """The processed film of a scene with splints and metal as in `foreign_map`, float32 within 0-1."""
    bone = foreign.copy()
    tissue = np.zeros(scene.shape, np.float32)
    for limb, pose, _ in scene.limbs:
        bone += bone_map(limb, pose, scene.shape)
        tissue += limb_tissue(limb, pose, scene.shape)
        if scene.artefacts.cast_mm:
            bone += cast_map(limb.soft, pose, scene.shape, scene.artefacts.cast_mm, 2)
    field, present_field = scene.beam(), tissue > 1.0
    signal = detect(bone, np.maximum(tissue - bone, 0), field, scene.exposure, scene.spacing_mm, rng)
    film = present(signal, present_field & (field > 0.5), field, scene.exposure, scene.spacing_mm)
    layout = scene.layout
    room = present_field | (field < 0.5)
    draw_marker(film, layout.marker, room, scene.spacing_mm, rng, layout.marker_within)
    if scene.layout.collimated > 0:
        film = draw_frame(film, field, scene.layout.frame, rng)
    return spoil(film, scene.artefacts, rng)


def _hidden(bone: PhantomBone, hidden: bool) -> PhantomBone:
    """The truth of a bone that foreign matter hides, which is also so where it runs off the film."""
    if not hidden:
        return bone
    return replace(bone, status=Status.REFUSED, reason=RefusalReason.CAST_OR_METAL)


def film_of(scene: Scene, child: Child, seed: int, rng: np.random.Generator) -> PhantomFilm:
    """The film of a scene with its truth."""
    foreign = foreign_map(scene, rng)
    pixels = expose(scene, foreign, rng)
    labels = np.zeros(scene.shape, np.float32)
    joints, knobs = [], {}
    for limb, pose, field in scene.limbs:
        label_map(limb, pose, labels)
        bones = tuple(
            _hidden(bone_truth(bone, pose, scene.shape, scene.seen(field)), covered(bone, pose, foreign))
            for bone in limb.graded
        )
        joints.append(PhantomJoint(limb.joint, limb.side, bones))
        knobs[limb.side.value] = {bone.bone.value: asdict(bone.end.disease) for bone in limb.graded}
    refuse = None
    if scene.artefacts.cast_mm or scene.artefacts.splint_mm or scene.artefacts.metal in ON_BONE:
        refuse = RefusalReason.CAST_OR_METAL
    elif child.age >= CLOSING_AGE:
        refuse = RefusalReason.CLOSED_PHYSIS
    return PhantomFilm(
        pixels=pixels, spacing_mm=scene.spacing_mm, joints=tuple(joints), labels=labels.astype(np.uint8),
        age_years=child.age, seed=seed, refuse=refuse, knobs=knobs,
    )  # fmt: skip
