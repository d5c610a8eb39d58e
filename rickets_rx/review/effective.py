"""A film as one reader left it: the machine's rows and geometry, mended by corrections and overrides."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from rickets_rx.grade.result import GRADES
from rickets_rx.io.regions import regions_of
from rickets_rx.io.results import FilmRequest, film_rows, score_columns
from rickets_rx.radiograph import Radiograph
from rickets_rx.review.events import Json
from rickets_rx.review.source import Film, Place, Row, row_at, score_of
from rickets_rx.review.state import Override, State
from rickets_rx.score import DEFAULT_METHOD, BoneScore, FilmScore, JointScore, score_bone, with_guards
from rickets_rx.segment.metaphysis import JointInstance, Metaphysis, RefusedBone
from rickets_rx.vocabulary import Bone, Joint, Method, Side, Status

#: An overriding grade may be a step of the scale off, as two readers are (ours).
STEP = 0.5


@dataclass(frozen=True, eq=False)
class Effective:
    """Geometry and rows of a film for one reader.

    Parameters
    ----------
    rows : tuple of dict
        As scores.csv, numbers as numbers.
    corrected : frozenset of (instance, bone)
        Bones that a correction or an override of this reader changed.
    read : callable
        Gives the geometry, as a regions file; asked only where it is needed, because a queue of a thousand
        films lists rows only.
    """

    rows: tuple[Row, ...]
    corrected: frozenset[tuple[int, str]]
    read: Callable[[], Json] = field(repr=False)

    @cached_property
    def content(self) -> Json:
        """The geometry, as a regions file.

        Raises
        ------
        InputError
            When it cannot be read.
        """
        return self.read()

    def row(self, place: Place) -> Row | None:
        """The row of one bone, None where it was not looked for."""
        return row_at(self.rows, place)

    def places(self, image_sha256: str) -> tuple[Place, ...]:
        """Bones of the film, also those added by hand."""
        return tuple(Place(image_sha256, int(row["instance"]), Bone(row["bone"])) for row in self.rows)

    def score(self) -> FilmScore:
        """The film's score as the rest of the program knows it."""
        return self._score

    @cached_property
    def _score(self) -> FilmScore:
        return score_of(self.content, self.rows)


def effective(film: Film, state: State, reader: str, *, overrides: bool = True) -> Effective:
    """The film with this reader's corrections and overrides on top of the machine's.

    Parameters
    ----------
    overrides : bool
        False leaves the grades as measured on the mended bones.
    """
    indices = {int(row["instance"]) for row in film.scores}
    rows = {index: tuple(row for row in film.scores if row["instance"] == index) for index in indices}
    mended = {
        index: made[-1]
        for (who, sha256, index), made in state.corrections.items()
        if who == reader and sha256 == film.image_sha256
    }
    touched: set[tuple[int, str]] = set()
    for index, correction in mended.items():
        touched |= _changed(rows.get(index, ()), correction.rows)
        rows[index] = correction.rows
    final = [row for index in sorted(rows) for row in rows[index]]
    for i, row in enumerate(final):
        place = Place(film.image_sha256, int(row["instance"]), Bone(row["bone"]))
        override = state.overrides.get((reader, place)) if overrides else None
        if override is not None and row["status"] == Status.SCORED:
            final[i] = overridden(row, override)
            touched.add((int(row["instance"]), row["bone"]))
    joints = {index: correction.joint for index, correction in mended.items()}
    return Effective(tuple(final), frozenset(touched), lambda: _content(film, indices, joints))


def _content(film: Film, listed: set[int], mended: dict[int, Json]) -> Json:
    """The film's regions with the joints that a reader mended in place of the machine's."""
    content = dict(film.content())
    # A film that failed after its regions were written has no rows: what is there was not finished.
    instances = {int(one["instance"]): one for one in content["instances"] if int(one["instance"]) in listed}
    instances |= mended
    content["instances"] = [instances[index] for index in sorted(instances)]
    if content["instances"]:
        content["refusal"] = None
    return content


def _changed(before: tuple[Row, ...], after: tuple[Row, ...]) -> set[tuple[int, str]]:
    old = {row["bone"]: row for row in before}
    return {(int(row["instance"]), row["bone"]) for row in after if old.get(row["bone"]) != row}


def overridden(row: Row, override: Override) -> Row:
    """A row with the reader's grade. The machine's interval is gone: one step to either side (ours)."""
    low, high = max(override.grade - STEP, GRADES[0]), min(override.grade + STEP, GRADES[-1])
    return row | {
        "grade": override.grade,
        "grade_low": low,
        "grade_high": high,
        "severity": override.grade / 2,
        "severity_low": low / 2,
        "severity_high": high / 2,
    }


def rescored(
    radiograph: Radiograph, joint: JointScore, edited: Metaphysis, *, instead_of: Bone | None
) -> JointScore:
    """The joint with one bone end mended, measured and graded anew.

    Parameters
    ----------
    edited : Metaphysis
    instead_of : Bone, optional
        The bone whose place it takes; None where it was missed. Where the joint has another bone of the
        edited one's name, that one is replaced too.
    """
    new = score_bone(radiograph, edited, _method(joint))
    kept = [bone for bone in joint.bones if _name(bone) not in (instead_of, edited.bone)]
    others = (_unguarded(radiograph, bone) for bone in kept)
    bones = sorted([*others, new], key=lambda bone: list(Bone).index(_name(bone)))
    return _joint(joint.instance, with_guards(tuple(bones)))


def with_bones(radiograph: Radiograph, joint: JointScore, bones: list[Metaphysis]) -> JointScore:
    """The joint with exactly these bone ends, all measured and graded anew (after names were exchanged)."""
    ordered = sorted(bones, key=lambda bone: list(Bone).index(bone.bone))
    scored = tuple(score_bone(radiograph, bone, _method(joint)) for bone in ordered)
    return _joint(joint.instance, with_guards(scored))


def with_side(joint: JointScore, side: Side | None) -> JointScore:
    """The same joint called left, right or neither; nothing is measured anew."""
    return JointScore(replace(joint.instance, side=side), joint.bones)


def without(joint: JointScore, bone: Bone) -> JointScore:
    """The joint without a bone that is none."""
    return _joint(joint.instance, tuple(b for b in joint.bones if _name(b) is not bone))


def empty_joint(joint: Joint, index: int, side: Side | None) -> JointScore:
    """A joint on a film on which the search found none, before its first bone is added."""
    return JointScore(JointInstance(joint, index, (), side), ())


def joint_json(film: Film, radiograph: Radiograph, joint: JointScore) -> tuple[Json, list[Row]]:
    """Regions and rows of one joint as `score` would write them."""
    alone = FilmScore((joint,))
    request = FilmRequest(Path(film.file), film.file, film.patient_id, film.day)
    content = regions_of(radiograph, alone)["instances"][0]
    empty: Row = dict.fromkeys(score_columns())
    return content, [empty | row for row in film_rows(request, radiograph, alone, 0.0).scores]


def _joint(instance: JointInstance, bones: tuple[BoneScore | RefusedBone, ...]) -> JointScore:
    places = tuple(bone.metaphysis if isinstance(bone, BoneScore) else bone for bone in bones)
    return JointScore(replace(instance, bones=places), bones)


def _method(joint: JointScore) -> Method:
    """Who graded the joint's bones."""
    methods = [bone.grade.method for bone in joint.bones if isinstance(bone, BoneScore)]
    return methods[0] if methods else DEFAULT_METHOD


def _name(bone: BoneScore | RefusedBone) -> Bone:
    return bone.metaphysis.bone if isinstance(bone, BoneScore) else bone.bone


def _unguarded(radiograph: Radiograph, bone: BoneScore | RefusedBone) -> BoneScore | RefusedBone:
    """The grade of a neighbour before the guard that looked at the bone which was mended."""
    from rickets_rx.grade.methods import grade_metaphysis

    if not isinstance(bone, BoneScore) or bone.metaphysis.bone is not Bone.ULNA:
        return bone
    grade = grade_metaphysis(radiograph, bone.metaphysis, bone.features, bone.grade.method)
    return bone if grade is None else replace(bone, grade=grade)


def features_side_by_side(before: Row | None, after: Row | None) -> list[tuple[str, Any, Any]]:
    """(name, old, new) of grade and features where either is known, for a table before a reader's eyes."""
    from rickets_rx.features import feature_units

    names = ("grade", "grade_low", "grade_high", *feature_units())
    found = []
    for name in names:
        old, new = (row.get(name) if row else None for row in (before, after))
        if old is not None or new is not None:
            found.append((name, old, new))
    return found
