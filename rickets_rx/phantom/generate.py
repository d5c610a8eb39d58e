"""Make phantom films: one wrist with chosen disease, or a stream drawn at random."""

from dataclasses import asdict, dataclass, replace

import cv2
import numpy as np

from rickets_rx.phantom.anatomy import CLOSING_AGE, Child, draw_child
from rickets_rx.phantom.artefacts import Artefacts, cast_map, draw_artefacts, spoil
from rickets_rx.phantom.bone_end import View3D
from rickets_rx.phantom.disease import Disease
from rickets_rx.phantom.elbow_anatomy import ElbowPosture, elbow_limb
from rickets_rx.phantom.exposure import Exposure, detect, present
from rickets_rx.phantom.film import PhantomBone, PhantomFilm, PhantomJoint, Points
from rickets_rx.phantom.hand_anatomy import Posture, wrist_limb
from rickets_rx.phantom.layout import Layout, beam_field, draw_frame, draw_marker, lay_out
from rickets_rx.phantom.limb import GradedBone, Limb, bone_map, label_map, tissue_map
from rickets_rx.phantom.measure import measure
from rickets_rx.phantom.noise import FloatArray
from rickets_rx.phantom.place import Pose, apply
from rickets_rx.phantom.truth import film_severity, signs_of
from rickets_rx.vocabulary import BONES_OF_JOINT, Bone, Joint, RefusalReason, Side, Status


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


def bone_truth(bone: GradedBone, pose: Pose, shape: tuple[int, int], field: Points) -> PhantomBone:
    """What is true of one bone end on one film whose beam fills the polygon ``field``."""
    matrix = pose.matrix() @ bone.placement.matrix()
    end = bone.end
    half = end.width / 2
    corners = apply(matrix, [(-half, 0), (half, 0)])
    margin, envelope = apply(matrix, bone.survey.margin), apply(matrix, bone.survey.envelope)
    distal = matrix[:2, 1] / np.hypot(*matrix[:2, 1])
    features, reasons = measure(bone.survey, bone.epiphysis.plate if bone.epiphysis else None, shown_behind(bone, pose, shape, field))
    signs = signs_of(end.disease, features["cupping"] or 0.0, features["fraying"] or 0.0)
    value, grade, shifted = film_severity(signs)
    rows, columns = shape
    off = (corners < 2).any() or (corners > np.array([columns, rows]) - 3).any()
    off = off or any(cv2.pointPolygonTest(field.astype(np.float32).reshape(-1, 1, 2), tuple(map(float, c)), False) < 0 for c in corners)
    reason = RefusalReason.CUT_OFF if off else RefusalReason.OVERLAPPED if bone.overlapped else None
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


def expose(scene: Scene, rng: np.random.Generator) -> FloatArray:
    """The processed film of a scene, float32 within 0-1."""
    bone = np.zeros(scene.shape, np.float32)
    tissue = np.zeros(scene.shape, np.float32)
    for limb, pose, _ in scene.limbs:
        bone += bone_map(limb, pose, scene.shape)
        tissue += _upsample(tissue_map(limb.soft, pose, scene.shape, 2), scene.shape, 2)
        if scene.artefacts.cast_mm:
            bone += cast_map(limb.soft, pose, scene.shape, scene.artefacts.cast_mm, 3)
    field, present_field = scene.beam(), tissue > 1.0
    signal = detect(bone, np.maximum(tissue - bone, 0), field, scene.exposure, scene.spacing_mm, rng)
    film = present(signal, present_field & (field > 0.5), scene.exposure, scene.spacing_mm)
    draw_marker(film, scene.layout.marker, present_field | (field < 0.5), scene.spacing_mm, rng)
    if scene.layout.collimated > 0:
        film = draw_frame(film, field, scene.layout.frame, rng)
    return spoil(film, scene.artefacts, rng)


def _upsample(coarse: FloatArray, shape: tuple[int, int], factor: int) -> FloatArray:
    grid = np.array([[factor, 0, 0], [0, factor, 0]], float)
    return cv2.warpAffine(coarse, grid, (shape[1], shape[0]), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)


def film_of(scene: Scene, child: Child, seed: int, rng: np.random.Generator) -> PhantomFilm:
    """The film of a scene with its truth."""
    pixels = expose(scene, rng)
    labels = np.zeros(scene.shape, np.float32)
    joints, knobs = [], {}
    for limb, pose, field in scene.limbs:
        label_map(limb, pose, labels)
        bones = tuple(bone_truth(bone, pose, scene.shape, field) for bone in limb.graded)
        joints.append(PhantomJoint(limb.joint, limb.side, bones))
        knobs[limb.side.value] = {bone.bone.value: asdict(bone.end.disease) for bone in limb.graded}
    refuse = None
    if scene.artefacts.cast_mm:
        refuse = RefusalReason.CAST_OR_METAL
    elif child.age >= CLOSING_AGE:
        refuse = RefusalReason.CLOSED_PHYSIS
    return PhantomFilm(
        pixels=pixels, spacing_mm=scene.spacing_mm, joints=tuple(joints), labels=labels.astype(np.uint8),
        age_years=child.age, seed=seed, refuse=refuse, knobs=knobs,
    )  # fmt: skip


def wrist(
    seed: int, *, age: float | None = None, side: Side | None = None, disease: dict[Bone, Disease] | None = None,
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
    seed: int, *, age: float | None = None, side: Side | None = None, disease: dict[Bone, Disease] | None = None,
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


def draw_exposure(rng: np.random.Generator) -> Exposure:
    """An exposure as departments give them: most good, some poor."""
    return Exposure(
        photons=float(np.exp(rng.normal(np.log(1.0e5), 0.8))),
        scatter=float(rng.uniform(0.05, 0.3)),
        focal_blur=float(rng.uniform(0.03, 0.10)),
        detector_blur=float(rng.uniform(0.07, 0.16)),
        electronic=float(rng.uniform(0.0002, 0.0015)),
        heel=float(rng.uniform(0, 0.15)),
        heel_angle=float(rng.uniform(0, 360)),
        edge=float(rng.uniform(0.0, 1.6)),
        edge_scale=float(rng.uniform(0.3, 1.0)),
        equalise=float(rng.uniform(0.0, 0.6)),
        gamma=float(np.exp(rng.normal(0, 0.18))),
        low=float(rng.uniform(0.0, 0.06)),
        high=float(rng.choice([rng.uniform(0.96, 0.999), rng.uniform(1.0, 1.4)])),
        haze=float(rng.choice([0.0, 0.0, rng.uniform(0, 0.3)])),
    )


def draw_layout(rng: np.random.Generator, side: Side) -> Layout:
    """Positions as films have them: whole hands most often cut short behind the wrist, wrists, forearms."""
    kind = rng.choice(["hand", "wrist", "forearm"], p=[0.45, 0.4, 0.15])
    beyond = None if kind == "hand" else float(rng.uniform(1.2, 3.4)) if kind == "wrist" else float(rng.uniform(0.8, 2))
    behind = float(rng.uniform(0.6, 3.0)) if kind != "forearm" else float(rng.uniform(3.0, 4.5))
    turned = rng.random()
    angle = float(rng.normal(0, 12)) if turned < 0.7 else float(rng.uniform(0, 360))
    letter = side.value[0].upper()
    text = str(rng.choice(["", letter, letter, letter + "".join(rng.choice(list("ABDKMNST"), 2))]))
    return Layout(
        behind=behind,
        beyond=beyond,
        beside=float(rng.uniform(0.05, 1.2)),
        angle=angle,
        mirror=bool(rng.random() < 0.08),
        collimated=float(rng.uniform(0.05, 0.6)) if rng.random() < 0.45 else 0.0,
        frame=str(rng.choice(["dark", "dark", "bright", "blank"])),
        marker=text,
    )


VARIANTS = ("dense_ends", "spur", "growth_arrest", "concave_ulna")


def draw_disease(
    rng: np.random.Generator, severity: tuple[float, float] | None = None, rachitic: float = 0.5,
    bones: tuple[Bone, ...] = (Bone.RADIUS, Bone.ULNA),
) -> dict[Bone, Disease]:  # fmt: skip
    """Disease of the two wrist bones: alike, not equal. ``severity`` fixes the range and makes all rachitic."""
    if severity is None and rng.random() >= rachitic:
        if rng.random() < 0.25:
            name = str(rng.choice(VARIANTS))
            variant = Disease.preset(name)
            if name == "concave_ulna":
                return {Bone.ULNA: variant} if Bone.ULNA in bones else {}
            return dict.fromkeys(bones, variant)
        return {}
    low, high = severity or (0.05, 1.0)
    worst = float(rng.uniform(low, high))
    healing = float(rng.uniform(0.1, 1.0)) if rng.random() < 0.25 else 0.0
    out = {}
    for bone in bones:
        own = float(np.clip(worst + rng.normal(0, 0.08), low, high))
        out[bone] = Disease.healing(healing, own, rng) if healing else Disease.active(own, rng)
    return out


def sample(
    joint: Joint | str, seed: int, *, ages: tuple[float, float] = (0.2, 16.0),
    severity: tuple[float, float] | None = None, rachitic: float = 0.5, size_px: tuple[int, int] = (400, 900),
    **fixed: object,
) -> PhantomFilm:  # fmt: skip
    """One film of the training stream: child, disease, position and exposure drawn at random.

    Parameters
    ----------
    joint : Joint
    ages : (low, high)
        Years; half of the draws fall in 0.3-6, where rickets presents.
    severity : (low, high), optional
        Severity of the disease knobs, all films rachitic; default: ``rachitic`` of the films, over the whole range.
    size_px : (low, high)
        Longer side of the film.
    **fixed
        Handed to ``wrist`` or ``elbow`` instead of being drawn.
    """
    rng = np.random.default_rng((seed, 11))
    early = (max(ages[0], 0.3), min(ages[1], 6.0))
    low, high = early if early[0] < early[1] and rng.random() < 0.55 else ages
    side = Side.LEFT if rng.random() < 0.5 else Side.RIGHT
    drawn: dict[str, object] = {
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
            spread=float(rng.uniform(0.7, 1.9)),
            view=View3D(float(rng.normal(0, 6)), float(rng.normal(0, 10))),
        )
    else:
        drawn["layout"] = replace(
            draw_layout(rng, side), behind=float(rng.uniform(0.7, 2.2)), beyond=float(rng.uniform(0.9, 2.4)),
            beside=float(rng.uniform(0.0, 0.4)),
            angle=float(rng.normal(180, 14) if rng.random() < 0.6 else rng.uniform(0, 360)),
        )  # fmt: skip
    from rickets_rx import phantom

    return getattr(phantom, Joint(joint).value)(seed, **(drawn | fixed))  # type: ignore[no-any-return]
