"""The training: what is drawn, what is taught of it, and what is written."""

import json
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rickets_rx import phantom
from rickets_rx.errors import UsageError
from rickets_rx.segment.network import FILM_SIZE
from rickets_rx.segment.training import samples
from rickets_rx.segment.training.canvas import FILM_CLASSES, FilmClass, JointTarget, TrainingFilm
from rickets_rx.segment.training.films import crude_films
from rickets_rx.segment.training.films import load as load_films
from rickets_rx.segment.training.films import save as save_films
from rickets_rx.segment.training.painted_films import painted_films
from rickets_rx.segment.training.physics_films import (
    REFUSED_KINDS,
    foreign_films,
    misleading,
    physics_films,
    refused_films,
)
from rickets_rx.segment.training.real_films import real_films
from rickets_rx.segment.training.recipes import RECIPES, draw_films
from rickets_rx.segment.training.samples import (
    crop_cells,
    crop_sample,
    film_sample,
    film_targets,
    lively_place,
    pose_of,
)
from rickets_rx.vocabulary import Joint

# A wrist drawn by hand: the radius 40 px wide with its chord's middle at (120, 120), the ulna beside it.
POINTS = np.array(
    [(100, 120), (140, 120), (120, 115), (70, 124), (94, 124), (82, 122)],
    np.float32,
)
UPRIGHT = JointTarget(Joint.WRIST, POINTS, np.array([0, -1], np.float32))
IDENTITY = np.array([[1.0, 0, 0], [0, 1, 0]])
QUARTER = np.array([[0.0, -1, 255], [1, 0, 0]])
MIRROR = np.array([[-1.0, 0, 255], [0, 1, 0]])


def plain_film(*joints: JointTarget, shows: FilmClass = FilmClass.OPEN) -> TrainingFilm:
    rng = np.random.default_rng(1)
    pixels = cv2.GaussianBlur(rng.random((256, 256)).astype(np.float32), (0, 0), 4)
    return TrainingFilm(pixels, joints, shows)


@pytest.mark.parametrize(
    ("matrix", "middle", "distal", "across"),
    [
        (IDENTITY, (120, 120), (0, -1), (1, 0)),
        # (x, y) goes to (255 - y, x).
        (QUARTER, (135, 120), (1, 0), (0, 1)),
        (MIRROR, (135, 120), (0, -1), (-1, 0)),
    ],
)
def test_poses_follow_a_turn_and_a_mirror(
    matrix: np.ndarray, middle: tuple[int, int], distal: tuple[int, int], across: tuple[int, int]
) -> None:
    points, poses = film_targets(plain_film(UPRIGHT), matrix)
    cell = np.array(middle) / 4 - 0.375  # the middle of cell i covers pixels 4 i to 4 i + 3
    assert poses.shape == (1, 6)
    assert poses[0] == pytest.approx([*cell, *(1.25 * np.array(distal)), *(1.25 * np.array(across))])
    assert points[0, 0] == pytest.approx(cell)
    assert np.isnan(points[0, 2:]).all()  # no elbow on the film


def test_a_mirrored_wrist_is_a_turned_pose() -> None:
    assert not pose_of(UPRIGHT).turned
    assert pose_of(UPRIGHT, MIRROR).turned
    assert not pose_of(UPRIGHT, QUARTER).turned


def test_a_joint_off_the_picture_is_not_taught() -> None:
    away = np.array([[1.0, 0, 200], [0, 1, 0]])
    points, poses = film_targets(plain_film(UPRIGHT), away)
    assert len(poses) == 0 and np.isnan(points[0, 0]).all()


def test_corners_in_cells_of_the_upright_crop() -> None:
    # 3 widths of 40 px are 192 px of crop: 1.6 to 1. The crop's middle, 95.5, shows what lies 0.35 widths
    # (14 px) towards corner 1 of the chord's middle, so corner 1 (20 px away) lies at 95.5 - 1.6 * 6.
    cells = crop_cells(POINTS, pose_of(UPRIGHT).matrix())
    assert cells[0] == pytest.approx([(95.5 - 9.6) / 2 - 0.25, 47.5], abs=1e-4)
    assert cells[1] == pytest.approx([(95.5 + 54.4) / 2 - 0.25, 47.5], abs=1e-4)
    assert cells[2] == pytest.approx([(95.5 + 22.4) / 2 - 0.25, (95.5 - 8) / 2 - 0.25], abs=1e-4)


def test_corners_off_the_crop_are_absent() -> None:
    far = POINTS.copy()
    far[3:] -= 200
    cells = crop_cells(far, pose_of(UPRIGHT).matrix())
    assert np.isnan(cells[3:]).all() and np.isfinite(cells[:3]).all()


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from([FilmClass.OPEN, FilmClass.LATERAL, FilmClass.CLOSED]))
def test_a_film_to_be_refused_has_no_places(seed: int, shows: FilmClass) -> None:
    film = plain_film(UPRIGHT, shows=shows)
    rng = np.random.default_rng(seed)
    for sample in (film_sample(film, rng), crop_sample(film, rng, Joint.WRIST)):
        assert np.isfinite(sample.picture).all()
        if shows is not FilmClass.OPEN:
            assert not np.isfinite(sample.points).any() and len(sample.poses) == 0
        cut = sample.shows == FILM_CLASSES.index(FilmClass.CUT_OFF)
        assert sample.taught == (shows is not FilmClass.CLOSED and not cut)
        assert not cut or shows is FilmClass.OPEN


@pytest.mark.parametrize(
    ("shown", "kind", "taught"),
    [
        (-0.2, FilmClass.CUT_OFF, False),  # the corners are off the film
        (0.1, FilmClass.CUT_OFF, False),
        (0.28, None, True),  # close to the limit of 0.3: the places, and neither kind
        (0.5, FilmClass.OPEN, True),
    ],
)
def test_a_crop_says_whether_enough_shaft_is_shown(
    shown: float, kind: FilmClass | None, taught: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(samples, "CUT_SHARE", 1.0)
    monkeypatch.setattr(samples, "CUT_AT", (shown, shown))
    monkeypatch.setattr(samples, "_jitter", lambda pose, rng: pose)
    monkeypatch.setattr(samples, "_wrong_pose", lambda film, rng: replace(pose_of(UPRIGHT), turned=True))
    nothing = len(FILM_CLASSES)
    wanted = -1 if kind is None else FILM_CLASSES.index(kind)
    drawn = [crop_sample(plain_film(UPRIGHT), np.random.default_rng(k), Joint.WRIST) for k in range(25)]
    assert {(s.shows, s.taught) for s in drawn} == {(wanted, taught), (nothing, True)}


def test_steel_is_taught_by_where_it_lies() -> None:
    films = foreign_films(Joint.WRIST, 4, 302, True)
    assert len(films) == 4
    for film in films:
        # An open film has its first bone, whole; one under cast or metal only says where that bone would be.
        whole = bool(film.joints) and bool(np.isfinite(film.joints[0].points[:3]).all())
        assert film.shows is FilmClass.CAST or (film.shows is FilmClass.OPEN and whole)
    assert FilmClass.CAST in {film.shows for film in films}


def test_a_crop_of_another_joint_shows_nothing() -> None:
    film = plain_film(replace(UPRIGHT, joint=Joint.ELBOW))
    for seed in range(20):
        sample = crop_sample(film, np.random.default_rng(seed), Joint.WRIST)
        assert sample.shows == len(FilmClass) and not np.isfinite(sample.points).any()


def test_films_depend_on_seed_and_number_only() -> None:
    few, more = crude_films("film", 3, 5), crude_films("film", 4, 5)
    other = crude_films("film", 3, 6)
    for a, b, c in zip(few, more, other, strict=False):
        assert np.array_equal(a.pixels, b.pixels) and a.shows is b.shows
        assert a.pixels.shape != c.pixels.shape or not np.array_equal(a.pixels, c.pixels)
    first, second = physics_films(Joint.WRIST, 1, 300, True), physics_films(Joint.WRIST, 2, 300, True)
    assert np.array_equal(first[0].pixels, second[0].pixels)


def test_seeds_stay_clear_of_those_of_studies() -> None:
    tiny = RECIPES["elbow"].scaled(0.001)
    with pytest.raises(UsageError, match="0-30"):
        draw_films(tiny, 31, None)
    # The last seed's phantoms are numbered up to 306 million; studies begin at 400 million.
    # 200, 1 800, 270 and 120 by the thousand.
    assert (tiny.wrists, tiny.elbows, tiny.refused, tiny.foreign) == (1, 2, 1, (0, 1))
    assert len(draw_films(tiny, 30, None)) <= 5


def test_a_recipe_shrinks_but_keeps_every_kind() -> None:
    whole = RECIPES["wrist"]
    part = whole.scaled(0.001)
    # 1 000, 2 400 and 4 400 by the thousand, rounded.
    assert (part.crude, part.wrists, part.steps) == (1, 2, 4)
    assert part.elbows == part.refused == part.painted == part.copies == 1
    assert RECIPES["film"].scaled(0.001).copies == 0
    assert whole.scaled(1.0) == whole


def test_every_kind_of_negative_is_drawn_under_its_own_name() -> None:
    films = refused_films(len(REFUSED_KINDS), 301)
    names = [str(phantom.negative(k, 5, size_px=200).refuse) for k in REFUSED_KINDS]
    assert [film.shows.value for film in films] == names
    assert FilmClass.OBLIQUE in {film.shows for film in films}


def test_a_place_off_the_film_misleads_nobody() -> None:
    lateral = phantom.negative("lateral", 7, size_px=300, keep_joints=True)
    corners = misleading(lateral).joints[0].points[:2]
    truth = lateral.joints[0].bones[0]
    assert corners == pytest.approx(np.array([truth.corner1, truth.corner2]), abs=1e-3)
    shaft = phantom.negative("shaft", 7, size_px=300, keep_joints=True)
    assert shaft.joints and misleading(shaft).joints == ()
    assert phantom.negative("lateral", 7, size_px=300).joints == ()


def test_films_survive_their_file(tmp_path: Path) -> None:
    films = [plain_film(UPRIGHT), plain_film(shows=FilmClass.CAST)]
    save_films(tmp_path / "films.npz", films)
    for kept, film in zip(load_films(tmp_path / "films.npz"), films, strict=True):
        assert np.array_equal(kept.pixels, film.pixels) and kept.shows is film.shows
        assert len(kept.joints) == len(film.joints)
        for a, b in zip(kept.joints, film.joints, strict=True):
            assert a.joint is b.joint and np.array_equal(a.points, b.points)


def test_marks_of_a_real_film_shrink_with_it(tmp_path: Path) -> None:
    folder = tmp_path / "films"
    folder.mkdir()
    cv2.imwrite(str(folder / "one.png"), np.add.outer(np.arange(1120), np.arange(560)).astype(np.uint16))
    keys = ("ru", "rr", "rm", "uu", "ur", "um")
    marks = dict(zip(keys, ((4 * POINTS).astype(int)).tolist(), strict=True))
    (tmp_path / "landmarks.json").write_text(json.dumps({"one": marks}))
    films = real_films(folder, 3)
    assert len(films) == 3 and films[0].pixels.shape == (560, 280)
    # Half the size: pixel centre x goes to (x + 0.5) / 2 - 0.5.
    assert films[0].joints[0].points == pytest.approx(2 * POINTS - 0.25)
    assert films[0].joints[0].distal[1] < 0


def test_paintings_move_the_margin_towards_the_shaft(shared: Path) -> None:
    folder = shared / "radiographs" / "wrist_cc_by"
    real = real_films(folder, 1)
    painted = painted_films(folder, 2, 3)
    assert 0 < len(painted) <= 2 * len(real) and len(painted) % 2 == 0
    fallen = []
    for film in painted:
        points, distal = film.joints[0].points, film.joints[0].distal / np.hypot(*film.joints[0].distal)
        fallen.append(float((points[:2].mean(0) - points[2]) @ distal))
        assert np.isfinite(film.pixels.astype(float)).all()
    assert max(fallen) > 0  # real ends are convex; at least one painting is hollow


def test_a_film_without_a_joint_is_looked_at_where_it_varies() -> None:
    pixels = np.zeros((240, 240), np.float32)
    pixels[100:140, 100:140] = np.random.default_rng(0).random((40, 40))
    film = TrainingFilm(pixels, (), FilmClass.OTHER_PART)
    # A place is drawn as far as 10 px off the square with a chance of 1 / 16, and ten are drawn: at least one
    # lies there in 1 - (15 / 16)^10 = 48 % of the draws; one place alone would be there in 6 %.
    inside = sum(_is_on(lively_place(film.pixels, np.random.default_rng(seed))) for seed in range(200))
    assert 70 < inside < 125


def _is_on(place: tuple[float, float]) -> bool:
    return all(90 <= c <= 150 for c in place)


def test_picture_is_as_wide_as_the_network_wants() -> None:
    sample = film_sample(plain_film(UPRIGHT), np.random.default_rng(0))
    assert sample.picture.shape == (2, FILM_SIZE, FILM_SIZE)
