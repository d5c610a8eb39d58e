"""Painted and repeated films: places that follow the film, and what the study counts in them."""

import numpy as np
import pytest

from rickets_rx.features.registry import FeatureValue
from rickets_rx.grade.evidence import ramps
from rickets_rx.grade.examples import Example
from rickets_rx.grade.film_examples import (
    SEEN,
    _paintable,
    lessons,
    normal_lessons,
    painted_tests,
    rescaled,
    retaken,
)
from rickets_rx.grade.real_bones import LICENSED, real_bones
from rickets_rx.grade.study_films import TAKES, painted_lines, repeat_lines
from rickets_rx.phantom.painting import Painter
from rickets_rx.radiograph import Radiograph
from rickets_rx.vocabulary import Activity, Bone, Method, Side

CORNERS = np.array([[60.0, 100.0], [120.0, 100.0]])
UP = (0.0, -1.0)


@pytest.fixture
def spot() -> Radiograph:
    """A film with one bright spot at the first corner."""
    y, x = np.mgrid[0:200, 0:180]
    bright = 100 * np.exp(-((x - 60) ** 2 + (y - 100) ** 2) / 18)
    noise = np.random.default_rng(0).normal(0, 0.5, bright.shape)
    return Radiograph((bright + noise).astype(np.float32), "0" * 64, "spot.png")


def brightest(film: Radiograph) -> np.ndarray:
    """Centre of the spot, (x, y)."""
    weight = np.maximum(film.pixels - 0.3 * film.pixels.max(), 0)
    y, x = np.indices(weight.shape)
    return np.array([np.average(x, weights=weight), np.average(y, weights=weight)])


def test_corners_follow_every_take(spot: Radiograph) -> None:
    takes = list(retaken(spot, CORNERS, UP, 3))
    assert len(takes) == TAKES - 1
    for film, corners, _ in takes[:-1]:
        assert brightest(film) == pytest.approx(corners[0], abs=0.6)
    # The last take is the film itself with shaken corners: 3 % of 60 px.
    assert 0 < np.abs(takes[-1][1] - CORNERS).max() < 4 * 0.03 * 60


def test_a_turn_turns_the_direction_of_the_bone(spot: Radiograph) -> None:
    _, corners, distal = list(retaken(spot, CORNERS, UP, 3))[2]
    chord = corners[1] - corners[0]
    assert np.hypot(*chord) == pytest.approx(60)
    assert chord @ np.array(distal) == pytest.approx(0, abs=1e-9)
    assert np.degrees(np.arctan2(chord[1], chord[0])) == pytest.approx(-7)


def test_a_smaller_film_has_smaller_places(spot: Radiograph) -> None:
    film, corners, distal = rescaled(spot, CORNERS, UP, 0.5)
    assert film.pixels.shape == (100, 90)
    assert np.hypot(*(corners[1] - corners[0])) == pytest.approx(30)
    assert distal == pytest.approx((0.0, -0.5))


def test_only_bones_whose_margin_is_seen_and_no_licensed_film_are_painted_for_tests(shared) -> None:
    folder = shared / "radiographs"
    painted = list(_paintable(folder, licensed=False))
    assert len(painted) > 40
    assert all(bone.normal and bone.path.parent.name != LICENSED for _, _, bone, _, _ in painted)
    assert all(sound.clean.mean() >= SEEN for *_, sound in painted)


def test_eight_severities_a_bone_begin_at_zero(shared) -> None:
    found = painted_tests(shared / "radiographs", Painter.RETREAT)
    first = [example for example, _ in (next(found) for _ in range(8))]
    assert len({(e.child, e.bone) for e in first}) == 1
    assert first[0].severity == 0
    assert first[7].severity == pytest.approx(1, abs=0.1)


def test_lessons_come_from_licensed_films_alone(shared) -> None:
    folder = shared / "radiographs"
    painted = list(lessons(folder, copies=2))
    assert painted and all(bone.licensed and bone.normal for _, bone, *_ in painted)
    # The first copy of every bone is healthy, the second painted.
    assert [film.severity > 0 for _, _, film, _, _ in painted] == [False, True] * (len(painted) // 2)
    plain = list(normal_lessons(folder, 0, 1))
    assert all(bone.licensed and bone.normal for bone, *_ in plain)
    # Bones whose margin the painter cannot work on are among them.
    assert len(plain) > len(painted) // 2
    for bone, film, corners, _ in plain:
        scale = film.pixels.shape[0] / bone.film().pixels.shape[0]
        assert np.hypot(*(corners[1] - corners[0])) == pytest.approx(
            scale * np.hypot(*(bone.corners[1] - bone.corners[0])), rel=0.01
        )


def test_the_abnormal_stay_among_the_real_bones(shared) -> None:
    bones = list(real_bones(shared / "radiographs"))
    assert {b.bone for b in bones} == {Bone.RADIUS, Bone.ULNA}
    assert any(not b.normal for b in bones) and any(b.licensed for b in bones)


def example(child: int, joint: int, cupping: float, severity: float) -> Example:
    """A bone whose every feature is healthy but for its cupping."""
    features = {r.feature: FeatureValue(r.none_at) for r in ramps()}
    features |= {"cupping": FeatureValue(cupping), "zone_continuity": FeatureValue(1.0)}
    return Example(
        child, joint, Bone.RADIUS, Side.LEFT, 90.0, (), "", severity, round(severity * 4) / 2, 0.0,
        Activity.ACTIVE, "", 3.0, 0.15, features,
    )  # fmt: skip


def test_order_within_a_film_is_counted_by_film() -> None:
    # Two films in order by themselves; the second is shifted, so that all together are not.
    steps = np.linspace(-0.05, 0.2, 8)
    one = [example(0, i, float(c), i / 10) for i, c in enumerate(steps)]
    two = [example(1, 8 + i, float(c) / 3, i / 10) for i, c in enumerate(steps)]
    lines = {line.what: line.found for line in painted_lines("density", one + two, Method.CLASSICAL)}
    assert float(lines["Spearman within a film, mean"]) > 0.9
    assert float(lines["Spearman of severity, all"]) < float(lines["Spearman within a film, mean"])
    assert lines["painted bones, not graded"] == "16, 0"


def test_flips_are_counted_against_the_first_take() -> None:
    cup = next(r.full_at for r in ramps() if r.feature == "cupping")
    healthy = next(r.none_at for r in ramps() if r.feature == "cupping")
    # The third of five repeats is concave in full: 0.75 of severity, grade 1.5 instead of 0.
    takes = [example(0, i, cup if i == 3 else healthy, 0.0) for i in range(TAKES)]
    lines = {line.what: line.found for line in repeat_lines("normals", takes, Method.CLASSICAL, 0.05)}
    assert lines["bones, repeats, repeats lost"] == "1, 5, 0"
    assert lines["full-grade flips, share"] == "0.200"
    # Six severities, one of them 0.75: mean 0.125, SD sqrt(0.75^2 / 6 - 0.125^2) = 0.280.
    assert lines["SD of severity within a bone, mean"] == "0.280"
