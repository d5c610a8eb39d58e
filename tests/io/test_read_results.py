"""What `score` wrote, read back: the geometry is that of the bone, to a thousandth of a pixel."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from drawn_bone import DrawnBone, arc

from rickets_rx.io.read_results import film_score_of
from rickets_rx.io.regions import regions_of
from rickets_rx.io.results import FilmRequest, film_rows
from rickets_rx.radiograph import Radiograph
from rickets_rx.review.correct import rename
from rickets_rx.score import BoneScore, FilmScore, JointScore, score_bone
from rickets_rx.segment.metaphysis import JointInstance, Metaphysis
from rickets_rx.vocabulary import Bone, Joint


def drawn() -> tuple[Radiograph, Metaphysis]:
    """A bone whose epiphysis was seen only as a near face, 0.075 MW beyond the chord."""
    bone = DrawnBone(margin=arc(0.05), width=200.0, centre=(320.0, 180.0), shape=(440, 640), flare=0.1)
    face = bone.frame.to_pixels(np.linspace(-0.9, 0.9, 19), 0.15)
    return bone.film(), replace(bone.metaphysis(Bone.RADIUS), near_face=face)


@pytest.mark.parametrize("earlier", [False, True])
def test_the_near_face_survives_the_files(earlier: bool) -> None:
    film, bone = drawn()
    bone = bone if not earlier else replace(bone, near_face=None)
    score = score_bone(film, bone)
    result = FilmScore((JointScore(JointInstance(Joint.WRIST, 1, (score.metaphysis,)), (score,)),))
    content = json.loads(json.dumps(regions_of(film, result)))
    if earlier:  # files of versions that did not write it
        del content["instances"][0]["bones"][0]["near_face"]
    rows = film_rows(FilmRequest(Path("f.png"), "f.png"), film, result, 0.1).scores
    told = [{name: "" if value is None else str(value) for name, value in row.items()} for row in rows]
    again = film_score_of(content, told, "f.png").joints[0].bones[0]
    assert isinstance(again, BoneScore)
    if earlier:
        assert again.metaphysis.near_face is None
        return
    assert again.metaphysis.near_face == pytest.approx(bone.near_face, abs=1e-3)
    measured = score_bone(film, again.metaphysis).features["gap"].value
    assert measured == pytest.approx(score.features["gap"].value, abs=1e-3)


def test_a_renamed_bone_keeps_its_face_from_corner1_on() -> None:
    _, bone = drawn()
    other = rename(bone, Bone.ULNA)
    assert other.near_face is not None
    v = other.frame.from_pixels(other.near_face)[:, 0]
    assert v[0] == pytest.approx(-0.9) and (np.diff(v) > 0).all()
