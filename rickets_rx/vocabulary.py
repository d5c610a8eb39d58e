"""The words that every part shares. One word for one thing, in code, files and documents."""

from enum import StrEnum


class Joint(StrEnum):
    WRIST = "wrist"
    ELBOW = "elbow"


class Bone(StrEnum):
    """A bone end that carries a graded metaphysis."""

    RADIUS = "radius"
    ULNA = "ulna"
    HUMERUS = "humerus"
    RADIUS_PROXIMAL = "radius_proximal"
    ULNA_PROXIMAL = "ulna_proximal"


class Side(StrEnum):
    LEFT = "left"
    RIGHT = "right"


class View(StrEnum):
    """Projection. ``FRONTAL`` covers PA and AP, which a picture cannot tell apart."""

    FRONTAL = "frontal"
    LATERAL = "lateral"
    OBLIQUE = "oblique"


class Status(StrEnum):
    SCORED = "scored"
    REFUSED = "refused"


class Scale(StrEnum):
    THACHER_WRIST = "thacher_wrist"
    ELBOW_EXPLORATORY = "elbow_exploratory"


class Activity(StrEnum):
    """Which way the disease goes. ``HEALING`` needs an earlier active film of the same bone."""

    NONE = "none"
    ACTIVE = "active"
    HEALING = "healing"
    RESIDUAL = "residual"
    INDETERMINATE = "indeterminate"


class SpacingSource(StrEnum):
    """Where a pixel spacing came from (the decision of Cornerstone3D, see `io.spacing`)."""

    CALIBRATED = "calibrated"
    ERMF = "ermf"
    PROJECTION = "projection"
    UNKNOWN = "unknown"
    USER = "user"
    NONE = "none"


class Method(StrEnum):
    CLASSICAL = "classical"
    CNN = "cnn"
    FUSED = "fused"


class RefusalReason(StrEnum):
    NOT_A_RADIOGRAPH = "not_a_radiograph"
    WRONG_BODY_PART = "wrong_body_part"
    LATERAL_VIEW = "lateral_view"
    OBLIQUE = "oblique"
    CAST_OR_METAL = "cast_or_metal"
    CLOSED_PHYSIS = "closed_physis"
    CUT_OFF = "cut_off"
    TOO_FEW_PIXELS = "too_few_pixels"
    POOR_EXPOSURE = "poor_exposure"
    OVERLAPPED = "overlapped"
    FRACTURE_OR_LESION = "fracture_or_lesion"
    AMBIGUOUS = "ambiguous"
    UNREADABLE = "unreadable"


class Flag(StrEnum):
    POSSIBLE_NORMAL_VARIANT = "possible_normal_variant"
    POSSIBLE_HEALING = "possible_healing"
    MARGIN_DISSOLVED = "margin_dissolved"
    DENSE_ZONE = "dense_zone"
    LOW_RESOLUTION = "low_resolution"
    OBLIQUE = "oblique"
    NO_EPIPHYSIS = "no_epiphysis"
    LOW_CONFIDENCE = "low_confidence"
    CORRECTED = "corrected_by_reader"
    """A reader mended the bone or put her own grade in place of the machine's; in corrected scores only."""


class Part(StrEnum):
    """Parts of a bone end in a label mask; ``PART_LABEL`` gives their unit digit."""

    SHAFT = "shaft"
    METAPHYSIS = "metaphysis"
    PHYSIS = "physis"
    EPIPHYSIS = "epiphysis"


BONES_OF_JOINT: dict[Joint, tuple[Bone, ...]] = {
    Joint.WRIST: (Bone.RADIUS, Bone.ULNA),
    Joint.ELBOW: (Bone.HUMERUS, Bone.RADIUS_PROXIMAL, Bone.ULNA_PROXIMAL),
}
JOINT_OF_BONE: dict[Bone, Joint] = {bone: joint for joint, bones in BONES_OF_JOINT.items() for bone in bones}
SCALE_OF_JOINT: dict[Joint, Scale] = {
    Joint.WRIST: Scale.THACHER_WRIST,
    Joint.ELBOW: Scale.ELBOW_EXPLORATORY,
}

# A label mask holds 10 x bone + part.
BONE_LABEL: dict[Bone, int] = {bone: i for i, bone in enumerate(Bone, start=1)}
PART_LABEL: dict[Part, int] = {part: i for i, part in enumerate(Part, start=1)}
