"""Whole films: sizes against the anatomy table, truth against an independent measurement, reproducibility."""

import csv
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rickets_rx import phantom
from rickets_rx.phantom.anatomy import AGES, CURVES, Child
from rickets_rx.phantom.limb import bone_map
from rickets_rx.phantom.place import Pose
from rickets_rx.segment.frame import BoneFrame
from rickets_rx.vocabulary import BONE_LABEL, Bone, RefusalReason, Side, Status

PLAIN = phantom.Layout(behind=2.0, beyond=2.2)


def test_same_seed_same_bytes_and_another_seed_another_child():
    first, again, other = (phantom.sample("wrist", seed, size_px=(300, 300)) for seed in (7, 7, 8))
    assert first.pixels.tobytes() == again.pixels.tobytes()
    assert first.radiograph().sha256 == again.radiograph().sha256
    assert first.radiograph().sha256 != other.radiograph().sha256


def test_sizes_follow_the_measured_wrists(shared):
    with (shared / "anatomy_by_age.csv").open() as handle:
        rows = [r for r in csv.DictReader(handle) if float(r["age_years"]) <= 15]
    for column, curve in [
        ("radius_metaphysis_width_mm", "radius_width"),
        ("radius_shaft_width_mm", "radius_shaft"),
        ("ulna_metaphysis_width_mm", "ulna_width"),
        ("radius_epiphysis_length_mm", "radius_epiphysis_length"),
    ]:
        found = [
            float(r[column]) / float(np.interp(float(r["age_years"]), AGES, CURVES[curve]))
            for r in rows
            if r[column]
        ]
        # The curve runs through the middle of the children and their scatter is what one expects of children.
        assert np.median(found) == pytest.approx(1.0, abs=0.04), curve
        assert np.std(found) < 0.2, curve


def test_corners_are_one_metaphyseal_width_apart_in_millimetres():
    film = phantom.wrist(3, age=4.0, layout=PLAIN, spacing_mm=0.2)
    radius = film.joints[0].bones[0]
    assert radius.width * film.spacing_mm == pytest.approx(19, rel=0.2)
    again = phantom.wrist(3, age=4.0, layout=replace(PLAIN, angle=73.0), spacing_mm=0.1)
    assert again.joints[0].bones[0].width * 0.1 == pytest.approx(radius.width * 0.2, rel=1e-6)


@settings(max_examples=12, deadline=None)
@given(
    seed=st.integers(0, 10_000),
    angle=st.floats(0, 360),
    age=st.floats(0.0, 16.0),
    size=st.integers(300, 700),
    mirror=st.booleans(),
)
def test_any_child_at_any_angle_has_consistent_truth(seed, angle, age, size, mirror):
    layout = phantom.Layout(behind=1.5, beyond=2.0, angle=angle, mirror=mirror)
    film = phantom.wrist(seed, age=age, layout=layout, size_px=size)
    assert max(film.pixels.shape) == size
    assert 0 <= film.pixels.min() <= film.pixels.max() <= 1
    for bone in film.joints[0].bones:
        frame = BoneFrame(bone.corner1, bone.corner2, bone.distal)
        # The distal vector stands on the chord, and the margin runs from corner 1 to corner 2.
        assert abs(frame.axis @ np.array(bone.distal)) == pytest.approx(1.0, abs=1e-6)
        assert bone.margin[0] == pytest.approx(bone.corner1)
        assert bone.margin[-1] == pytest.approx(bone.corner2)
        assert (np.diff(frame.from_pixels(bone.margin)[:, 0]) > 0).all()
        # Behind the margin lies the labelled metaphysis, unless the film ends there.
        x, y = np.round(frame.to_pixels(0.0, -0.2)).astype(int)
        if bone.status is Status.SCORED:
            assert film.labels[y, x] == 10 * BONE_LABEL[bone.bone] + 2


def test_thumb_side_follows_side_and_mirror():
    for side, mirror, radius_right in [
        (Side.LEFT, False, True),
        (Side.RIGHT, False, False),
        (Side.LEFT, True, False),
    ]:
        film = phantom.wrist(2, age=5.0, side=side, layout=replace(PLAIN, mirror=mirror))
        radius, ulna = film.joints[0].bones
        assert (radius.corner1[0] > ulna.corner1[0]) is radius_right


@pytest.mark.parametrize("severity", [0.0, 0.5, 1.0])
def test_truth_is_found_again_on_a_noise_free_render(severity):
    """Margin, cupping and splaying measured on film-like path lengths by other code than wrote them down."""
    disease = dict.fromkeys((Bone.RADIUS, Bone.ULNA), phantom.Disease.active(severity))
    for bone, _film, mineral in _rendered(disease):
        frame = BoneFrame(bone.corner1, bone.corner2, bone.distal)
        v, u = np.linspace(-1, 1, 201), np.arange(-1.05, 0.4, 0.004)
        seen = frame.sample(mineral, v, u)
        reference = np.median(seen[(u > -0.45) & (u < -0.15)], axis=0)
        margin = np.array([u[np.nonzero(seen[:, i] >= 0.5 * reference[i])[0][-1]] for i in range(len(v))])
        middle = np.abs(v) < 0.75
        truth = frame.from_pixels(bone.margin)
        known = np.interp(v[middle], truth[:, 0], truth[:, 1])
        # The render carries trabeculae, which truth leaves out, so single columns may differ.
        assert np.median(np.abs(margin[middle] - known)) < 0.012
        narrow = np.linspace(-1.3, 1.3, 1301)
        across = frame.sample(mineral, narrow, np.array([-0.75]))[0]
        bright = narrow[across > 0.25 * np.nanmedian(across[np.abs(narrow) < 0.3])]
        width = (bright.max() - bright.min()) / 2
        assert 1 / width == pytest.approx(bone.features["splaying_75"], rel=0.03)


def _rendered(disease):
    from rickets_rx.phantom.anatomy import draw_child
    from rickets_rx.phantom.hand_anatomy import Posture, wrist_limb
    from rickets_rx.phantom.scene import bone_truth

    rng = np.random.default_rng(1)
    limb = wrist_limb(
        rng,
        draw_child(rng, 0.4),
        disease,
        side=Side.LEFT,
        posture=Posture(),
        pitch=0.06,
        forearm=2.5,
        fingers=False,
    )
    pose = Pose(0.06, 21.0, False, (650.0, 500.0))
    shape = (1000, 1000)
    alone = replace(limb, others=())
    field = np.array([(0, 0), (999, 0), (999, 999), (0, 999)], float)
    for graded in limb.graded:
        single = replace(alone, graded=(replace(graded, epiphysis=None),))
        yield bone_truth(graded, pose, shape, field), None, bone_map(single, pose, shape)


def test_a_bone_off_the_film_is_refused_as_cut_off():
    film = phantom.negative("cut_off", 4, size_px=400)
    assert film.refuse is RefusalReason.CUT_OFF
    assert all(b.reason is RefusalReason.CUT_OFF for b in film.joints[0].bones)


def test_splaying_is_null_where_the_film_ends_before_it():
    film = phantom.wrist(5, age=2.0, layout=phantom.Layout(behind=0.6, beyond=2.0))
    radius = film.joints[0].bones[0]
    assert radius.features["splaying_75"] is None
    assert radius.null_reasons["splaying_75"] == "shaft_off_film"


def test_an_infant_has_no_epiphysis_and_says_so():
    radius, ulna = phantom.wrist(6, age=0.2, layout=PLAIN).joints[0].bones
    assert radius.epiphysis is None
    assert radius.null_reasons["gap"] == ulna.null_reasons["gap"] == "epiphysis_not_ossified"


def test_gap_widens_by_what_disease_adds():
    healthy = phantom.wrist(9, age=7.0, layout=PLAIN).joints[0].bones[0]
    ill = phantom.wrist(9, age=7.0, layout=PLAIN, disease={Bone.RADIUS: phantom.Disease(gap_extra=2.0)})
    wider = ill.joints[0].bones[0]
    millimetres = [b.features["gap"] * b.width * 0.144 for b in (healthy, wider)]
    assert millimetres[1] - millimetres[0] == pytest.approx(2.0, abs=0.25)


def test_elbow_has_its_three_bones_and_the_ulna_is_overlapped():
    film = phantom.elbow(3, age=3.0)
    bones = {b.bone: b for b in film.joints[0].bones}
    assert set(bones) == {Bone.HUMERUS, Bone.RADIUS_PROXIMAL, Bone.ULNA_PROXIMAL}
    assert bones[Bone.ULNA_PROXIMAL].reason is RefusalReason.OVERLAPPED
    # Both ends look at the joint: humerus and radius point at each other.
    assert np.dot(bones[Bone.HUMERUS].distal, bones[Bone.RADIUS_PROXIMAL].distal) < -0.8


def test_both_wrists_lie_side_by_side():
    film = phantom.wrist(1, both=True, age=3.0, size_px=600, layout=PLAIN)
    left, right = film.joints
    assert (left.side, right.side) == (Side.LEFT, Side.RIGHT)
    assert left.bones[0].corner2[0] < right.bones[0].corner2[0]


def test_closed_physes_are_to_be_refused():
    assert phantom.wrist(1, age=16.0, size_px=300).refuse is RefusalReason.CLOSED_PHYSIS
    assert phantom.wrist(1, age=9.0, size_px=300).refuse is None


@pytest.mark.parametrize(
    ("kind", "reason", "truth"),
    [
        ("lateral", RefusalReason.LATERAL_VIEW, False),
        ("knee", RefusalReason.WRONG_BODY_PART, False),
        ("cast", RefusalReason.CAST_OR_METAL, True),
        ("closed", RefusalReason.CLOSED_PHYSIS, True),
    ],
)
def test_negatives_say_what_they_must_be_refused_as(kind, reason, truth):
    film = phantom.negative(kind, 2, size_px=350)
    assert film.refuse is reason
    assert bool(film.joints) is truth
    assert bool(film.labels.any()) is truth


def test_a_child_keeps_its_bones_whatever_the_disease():
    healthy = phantom.wrist(12, age=2.0, layout=PLAIN).joints[0].bones[0]
    frayed = (
        phantom.wrist(
            12, age=2.0, layout=PLAIN, disease={Bone.RADIUS: phantom.Disease(fray_extent=0.7, fray_depth=1.0)}
        )
        .joints[0]
        .bones[0]
    )
    assert frayed.width == pytest.approx(healthy.width)
    assert frayed.features["splaying_100"] == pytest.approx(healthy.features["splaying_100"])


def test_maturity_comes_in_the_order_of_ossification():
    child = Child(5.5, {})
    grown = {
        name: child.maturity(name)
        for name in ("capitate", "radius", "triquetrum", "scaphoid", "ulna", "pisiform")
    }
    assert list(grown.values()) == sorted(grown.values(), reverse=True)
    assert grown["ulna"] == grown["pisiform"] == 0


def test_without_a_collimator_all_that_lies_on_a_turned_film_is_seen():
    turned = phantom.Layout(behind=0.6, beyond=2.0, angle=40.0)
    film = phantom.wrist(5, age=2.0, layout=turned)
    radius = film.joints[0].bones[0]
    corners = np.array([radius.corner1, radius.corner2])
    reach = np.linalg.norm(corners[1] - corners[0]) * 0.8
    behind = corners - reach * np.asarray(radius.distal)
    assert (behind > 0).all() and (behind < np.array(film.pixels.shape[::-1]) - 1).all()
    assert radius.features["splaying_75"] is not None
    closed = phantom.wrist(5, age=2.0, layout=replace(turned, collimated=0.3)).joints[0].bones[0]
    assert closed.null_reasons["splaying_75"] == "shaft_off_film"
