"""The joint a user names is binding, and the order of ossification holds within a wrist."""

from dataclasses import replace

import numpy as np
import pytest
from drawn_bone import DrawnBone, arc

from rickets_rx import phantom
from rickets_rx.errors import Refusal
from rickets_rx.radiograph import JointSource
from rickets_rx.segment.locate import locate
from rickets_rx.segment.metaphysis import RefusedBone
from rickets_rx.segment.pipeline import in_order_of_ossification
from rickets_rx.vocabulary import Bone, Flag, Joint, RefusalReason

UNSEEN = 73_000_000
WRIST = phantom.wrist(UNSEEN, age=5.0, size_px=500).radiograph()
ELBOW = phantom.elbow(UNSEEN + 1, age=6.0, size_px=500).radiograph()


@pytest.mark.parametrize(
    ("film", "given", "words"),
    [
        (WRIST, Joint.ELBOW, "given as an elbow, but shows a wrist"),
        (ELBOW, Joint.WRIST, "given as a wrist, but shows an elbow"),
    ],
)
def test_a_film_of_the_other_joint_is_refused_and_says_so(film, given, words):
    places = locate(replace(film, joint=given))
    assert places.joints == ()
    assert places.refusal.reason is RefusalReason.WRONG_BODY_PART
    assert words in places.refusal.detail


@pytest.mark.parametrize(("film", "joint"), [(WRIST, Joint.WRIST), (ELBOW, Joint.ELBOW), (ELBOW, "elbow")])
def test_naming_the_right_joint_changes_nothing(film, joint):
    named, free = locate(replace(film, joint=joint)), locate(replace(film, joint=None))
    assert [j.joint for j in named.joints] == [joint]
    assert [b.corner1 for b in named.joints[0].bones] == [b.corner1 for b in free.joints[0].bones]


@pytest.mark.parametrize(("film", "hint"), [(WRIST, Joint.ELBOW), (WRIST, Joint.WRIST), (ELBOW, Joint.WRIST)])
def test_a_header_that_is_wrong_refuses_no_film(film, hint):
    hinted = locate(replace(film, joint=hint, joint_source=JointSource.HEADER))
    free = locate(replace(film, joint=None))
    assert hinted.refusal is None
    assert [b.corner1 for b in hinted.joints[0].bones] == [b.corner1 for b in free.joints[0].bones]


def test_of_two_joints_on_one_film_only_the_named_one_is_reported():
    rows = max(WRIST.shape[0], ELBOW.shape[0])
    padded = [np.pad(f.pixels, ((0, rows - f.shape[0]), (0, 0)), mode="edge") for f in (WRIST, ELBOW)]
    both = replace(WRIST, pixels=np.hstack(padded), joint=Joint.ELBOW)
    places = locate(both)
    assert {j.joint for j in places.joints} == {Joint.ELBOW}
    # The elbow lies in the right part of the film.
    assert all(b.corner1[0] > WRIST.shape[1] for j in places.joints for b in j.bones)
    hinted = locate(replace(both, joint_source=JointSource.HEADER))
    assert {j.joint for j in hinted.joints} == {Joint.ELBOW}


OSSIFIED = replace(DrawnBone(margin=arc(0.1), epiphysis=(0.07, 0.3, 0.8)).metaphysis(), bone=Bone.ULNA)
BARE = replace(DrawnBone(margin=arc(0.1)).metaphysis(), epiphysis_reason="epiphysis_not_ossified")


def test_no_ulnar_epiphysis_before_the_radial_one():
    radius, ulna = in_order_of_ossification([BARE, OSSIFIED])
    assert radius is BARE
    assert ulna.epiphysis is None
    assert ulna.epiphysis_reason == "epiphysis_not_ossified"
    assert Flag.NO_EPIPHYSIS in ulna.flags
    assert np.array_equal(ulna.margin, OSSIFIED.margin)


@pytest.mark.parametrize(
    "radius",
    [
        replace(OSSIFIED, bone=Bone.RADIUS),
        replace(BARE, epiphysis_reason="epiphysis_not_found"),
        RefusedBone(Bone.RADIUS, Refusal(RefusalReason.CUT_OFF)),
        replace(BARE, bone=Bone.HUMERUS),
    ],
)
def test_a_radius_that_does_not_lack_its_epiphysis_says_nothing_of_the_ulna(radius):
    assert in_order_of_ossification([radius, OSSIFIED])[1] is OSSIFIED


def test_a_refused_ulna_stays_refused():
    ulna = RefusedBone(Bone.ULNA, Refusal(RefusalReason.CUT_OFF))
    assert in_order_of_ossification([BARE, ulna])[1] is ulna
