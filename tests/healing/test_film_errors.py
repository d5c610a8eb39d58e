"""Errors of severities and of changes: by hand, and fitted back from children whose errors are known."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rickets_rx.healing.film_errors import FilmErrors, change_between, film_errors
from rickets_rx.healing.fit_errors import Level, fit, write

KNOWN = FilmErrors(((0.0, 0.04), (0.5, 0.06)), 0.0, 0.3, 0.5, 0.25, 0.1, below=1.5, above=2.0)
STRAY = replace(KNOWN, stray=0.05)


def test_a_change_has_its_own_interval(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rickets_rx.healing.film_errors.film_errors", lambda joint: KNOWN)
    found = change_between({"severity": 0.8, "joint": "wrist"}, {"severity": 0.3, "joint": "wrist"})
    # sqrt(0.06^2 + 0.04^2 - 2 x 0.5 x 0.06 x 0.04) = sqrt(0.0028) = 0.052915.
    assert found.value == pytest.approx(-0.5)
    assert found.low == pytest.approx(-0.5 - 1.5 * 0.052915, abs=1e-6)
    assert found.high == pytest.approx(-0.5 + 2.0 * 0.052915, abs=1e-6)
    assert found.n == 2


def test_a_doubtful_place_is_less_sure() -> None:
    assert KNOWN.spread({"severity": 0.5}) == 0.06
    assert KNOWN.spread({"severity": 0.49, "flags": None}) == 0.04
    assert KNOWN.spread({"severity": 0.49, "flags": "dense_zone;low_confidence"}) == pytest.approx(0.06)


def test_covariance_by_hand() -> None:
    rows = [{"severity": 0.9}, {"severity": 0.9}, {"severity": 0.2}]
    # Radius and ulna of the first film, radius of the second.
    found = KNOWN.covariance(rows, np.array([0, 0, 1]), np.array([0, 1, 0]))
    assert found == pytest.approx(
        np.array([
            [0.0036, 0.25 * 0.0036, 0.5 * 0.0024],
            [0.25 * 0.0036, 0.0036, 0.1 * 0.0024],
            [0.5 * 0.0024, 0.1 * 0.0024, 0.0016],
        ])
    )  # fmt: skip


def test_far_ones_widen_by_their_chance_or_wholly() -> None:
    rows = [{"severity": 0.9}, {"severity": 0.2}]
    films, bones = np.array([0, 1]), np.array([0, 0])
    # 0.05 x 0.3^2 = 0.0045 on each, or 0.09 on the one that is supposed to be far off.
    by_chance = STRAY.covariance(rows, films, bones)
    assert by_chance == pytest.approx(np.array([[0.0081, 0.0012], [0.0012, 0.0061]]))
    assert STRAY.covariance(rows, films, bones, strays=[1]) == pytest.approx(
        np.array([[0.0036, 0.0012], [0.0012, 0.0916]])
    )
    # Change: 0.0028 + 2 x 0.0045.
    assert STRAY.spread_of_change(rows[0], rows[1]) == pytest.approx(np.sqrt(0.0118))


def test_a_dense_zone_has_a_chance_of_its_own() -> None:
    dense = replace(STRAY, stray_dense=0.25)
    plain, zone = {"severity": 0.9, "flags": ""}, {"severity": 0.2, "flags": "no_epiphysis;dense_zone"}
    taken_for_healing = zone | {"flags": "possible_healing"}
    assert [dense.chance_far_off(row) for row in (plain, zone, taken_for_healing)] == [0.05, 0.25, 0.25]
    assert STRAY.chance_far_off(zone) == 0.05
    # Change: 0.0028 + 0.05 x 0.09 + 0.25 x 0.09; covariance of the second: 0.0016 + 0.0225.
    assert dense.spread_of_change(plain, zone) == pytest.approx(np.sqrt(0.0298))
    found = dense.covariance([plain, zone], np.array([0, 1]), np.array([0, 0]))
    assert np.diagonal(found) == pytest.approx([0.0081, 0.0241])


@given(
    st.lists(
        st.tuples(st.integers(0, 4), st.integers(0, 3), st.floats(0, 1)),
        min_size=1,
        unique_by=lambda r: r[:2],
    ),
    st.sampled_from(("wrist", "elbow")),
)
def test_the_table_gives_a_covariance_for_any_films(rows: list[tuple[int, int, float]], joint: str) -> None:
    films, bones = np.array([r[0] for r in rows]), np.array([r[1] for r in rows])
    found = film_errors(joint).covariance([{"severity": r[2]} for r in rows], films, bones)
    assert np.linalg.eigvalsh(found).min() > 0


def test_the_table_fits_its_children() -> None:
    # Errors of SD 0.04: half the variance is the bone's own, a fifth the film's.
    rng = np.random.default_rng(3)
    children = []
    for _ in range(1500):
        own = {bone: rng.normal(0, 0.04 * np.sqrt(0.5)) for bone in ("radius", "ulna")}
        films = {day: rng.normal(0, 0.04 * np.sqrt(0.2)) for day in (0, 60, 120)}
        children.append([
            Level(bone, day, truth + own[bone] + films[day] + rng.normal(0, 0.04 * np.sqrt(0.3)), truth)
            for bone in own for day in films for truth in (0.5,)
        ])  # fmt: skip
    found = fit(children)
    assert [sd for start, sd in found.bands if start == 0.4] == [pytest.approx(0.04, rel=0.1)]
    assert found.same_bone == pytest.approx(0.5, abs=0.05)
    assert found.same_film == pytest.approx(0.2, abs=0.05)
    assert found.other == pytest.approx(0.0, abs=0.03)
    # 5 % of a normal lie beyond 1.645 on either side.
    assert found.stray < 0.01
    assert (found.below, found.above) == (pytest.approx(1.645, abs=0.15), pytest.approx(1.645, abs=0.15))


def test_far_ones_are_told_from_the_rest() -> None:
    # One in twenty is off by a normal of 0.4 more; severities of two bands with errors of 0.04 and 0.08.
    rng = np.random.default_rng(4)
    children = []
    for i in range(800):
        severity, sd = ((0.1, 0.04), (0.5, 0.08))[i % 2]
        off = rng.normal(0, sd, 4) + (rng.random(4) < 0.05) * rng.normal(0, 0.4, 4)
        children.append([Level("radius", k, severity, severity - e) for k, e in enumerate(off)])
    found = fit(children)
    sds = dict(found.bands)
    assert (sds[0.06], sds[0.4]) == (pytest.approx(0.04, rel=0.15), pytest.approx(0.08, rel=0.15))
    assert found.stray == pytest.approx(0.05, abs=0.02)
    assert found.stray_sd == pytest.approx(0.4, rel=0.2)
    assert found.same_bone == pytest.approx(0, abs=0.06)


def test_far_ones_are_counted_apart_where_a_dense_zone_is_seen() -> None:
    # One in fifty is off by a normal of 0.4 more, of those with a dense zone one in four.
    rng = np.random.default_rng(5)
    children = []
    for i in range(1600):
        flags, share = (("", 0.02), ("dense_zone", 0.25))[i % 2]
        off = rng.normal(0, 0.05, 3) + (rng.random(3) < share) * rng.normal(0, 0.4, 3)
        children.append([Level("radius", k, 0.5, 0.5 - e, flags) for k, e in enumerate(off)])
    found = fit(children)
    assert found.stray == pytest.approx(0.02, abs=0.01)
    assert found.stray_dense == pytest.approx(0.25, abs=0.05)
    assert found.stray_sd == pytest.approx(0.4, rel=0.1)


def test_below_and_above_are_the_right_way_round() -> None:
    # One child in five measures a fall too small by 0.2: the true change lies below, never above.
    child = [Level("radius", 0, 0.5, 0.5), Level("radius", 60, 0.5, 0.5)]
    late = [Level("radius", 0, 0.5, 0.5), Level("radius", 60, 0.5, 0.3)]
    found = fit([child] * 40 + [late] * 10)
    assert found.below > 1
    assert found.above == 0


def test_a_table_is_read_as_it_was_written(tmp_path: Path) -> None:
    path = write({"wrist": KNOWN}, tmp_path / "errors.csv")
    assert film_errors("wrist", path) == KNOWN
    dense = replace(KNOWN, stray_dense=0.3)
    film_errors.cache_clear()
    assert film_errors("wrist", write({"wrist": dense}, path)) == dense
    with pytest.raises(ValueError, match="bands of elbow must start at 0"):
        film_errors("elbow", path)
