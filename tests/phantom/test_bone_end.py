"""The bone end as a solid: its corners, its margin, and each knob moving its own feature."""

import itertools
from dataclasses import replace

import numpy as np
import pytest

from rickets_rx.phantom.anatomy import draw_child
from rickets_rx.phantom.bone_end import BoneEnd, grow
from rickets_rx.phantom.disease import Disease
from rickets_rx.phantom.hand_anatomy import draw_shape
from rickets_rx.phantom.margins import GRID, Shape, View3D
from rickets_rx.phantom.measure import measure, survey
from rickets_rx.vocabulary import Bone

SHAPE = Shape(width=18.0, shaft=9.0, length=60.0, dome=0.1, dome_power=2.0, skew=0.0, cortex=1.2)


def end_of(
    disease: Disease | None = None, shape: Shape = SHAPE, view: View3D | None = None, seed: int = 5
) -> BoneEnd:
    return grow(shape, disease or Disease(), view or View3D(), np.random.default_rng(seed))


def features(disease: Disease, seed: int = 5) -> dict[str, float | None]:
    return measure(survey(end_of(disease, seed=seed)), None, 1e3)[0]


def test_silhouette_is_as_wide_as_the_metaphysis_at_the_chord_and_as_the_shaft_far_behind():
    left, right = end_of().edges(np.array([0.0, -55.0]))
    assert right[0] - left[0] == pytest.approx(18.0, abs=0.01)
    # The flare falls as 1 / (1 + (t / 9)^1.6): at 55 mm 6 % of it is left.
    assert right[1] - left[1] == pytest.approx(9.0, abs=1.0)


def test_path_through_the_shaft_is_that_of_a_thin_walled_tube():
    end = end_of(Disease(osteopenia=1.0), replace(SHAPE, shaft=10.0, width=10.5, flare=(0.05, 0.05)))
    sheet = end.maps(0.05, texture=False)
    row = sheet.values[round((-50 - sheet.s0) / sheet.pitch)]
    x = sheet.x0 + sheet.pitch * np.arange(len(row))
    centre = float(row[np.argmin(np.abs(x))])
    # Two walls of 1.2 mm at 0.8 of compact bone, and the little spongiosa that osteopenia leaves inside.
    assert centre == pytest.approx(2 * 1.2 * 0.8, abs=0.35)
    assert row.max() > 1.5 * centre


def test_margin_rises_as_high_as_the_dome():
    found = survey(end_of(Disease(), replace(SHAPE, dome=0.12)))
    middle = np.interp(0.0, found.margin[:, 0], found.margin[:, 1])
    # The front and back of the dome lie lower, so the half-density line runs just under its crest.
    assert 0.08 * 18 < middle < 0.125 * 18


@pytest.mark.parametrize("cup", [0.05, 0.10, 0.20])
def test_cup_knob_is_the_depth_of_the_geometric_cup(cup):
    found = features(Disease(cup=cup))["cupping"]
    convex_left = 0.1 * max(0.0, 1 - cup / 0.12)
    assert found == pytest.approx(cup - convex_left, abs=0.03)


@pytest.mark.parametrize(
    ("knob", "low", "high", "feature", "sign"),
    [
        ("cup", 0.02, 0.2, "cupping", 1),
        ("irregularity", 0.05, 0.5, "fraying", 1),
        ("zone_loss", 0.0, 1.0, "zone_contrast", -1),
        ("zone_gaps", 0.0, 0.9, "zone_continuity", -1),
        ("lucency", 0.0, 0.6, "lucency", -1),
        ("splay", 0.0, 0.25, "splaying_100", 1),
    ],
)
def test_each_knob_moves_its_own_feature_and_leaves_the_shape_of_others(knob, low, high, feature, sign):
    steps = np.linspace(low, high, 4)
    values = [features(Disease(**{knob: float(step)})) for step in steps]
    course = [v[feature] for v in values]
    assert all(sign * (b - a) > 0 for a, b in itertools.pairwise(course))
    others = {"cupping": 0.02, "fraying": 0.004, "splaying_100": 0.02, "fraying_extent": 0.01}
    for other, tolerance in others.items():
        if other != feature:
            assert abs(values[-1][other] - values[0][other]) <= tolerance, other


def test_fraying_widens_the_fall_of_density():
    sharp, frayed = features(Disease()), features(Disease(fray_depth=1.0, fray_extent=1.0, zone_loss=1.0))
    assert sharp["edge_blur"] < 0.03 < 0.06 < frayed["edge_blur"]
    assert (sharp["fraying_extent"], frayed["fraying_extent"]) == (0.0, 1.0)


def test_half_frayed_margin_says_half():
    assert features(Disease(fray_depth=1.0, fray_extent=0.5))["fraying_extent"] == pytest.approx(
        0.5, abs=0.15
    )


def test_a_tilted_beam_blurs_the_margin_without_any_disease():
    straight, tilted = (survey(end_of(view=View3D(tilt=t))) for t in (0.0, 20.0))
    blur = [measure(s, None, 1e3)[0]["edge_blur"] for s in (straight, tilted)]
    assert blur[1] > 2 * blur[0]


def test_what_the_film_cuts_off_is_null_with_its_reason():
    values, reasons = measure(survey(end_of()), None, 0.6 * 18)
    assert values["splaying_50"] is not None
    assert (values["splaying_75"], reasons["splaying_75"]) == (None, "shaft_off_film")
    assert (values["gap"], reasons["gap"]) == (None, "epiphysis_not_ossified")


def test_a_healing_line_stands_distal_of_the_old_edge():
    disease = Disease(dense_line=1.4, dense_line_offset=1.5, zone_loss=1.0)
    end = end_of(disease)
    sheet = end.maps(0.05, texture=False)
    x = sheet.x0 + sheet.pitch * np.arange(sheet.values.shape[1])
    s = sheet.s0 + sheet.pitch * np.arange(sheet.values.shape[0])
    column = sheet.values[:, np.argmin(np.abs(x))]
    line = s[np.argmax(np.where(s > -1, column, 0))]
    gap = column[np.argmin(np.abs(s - (line - 1.2)))]
    old = column[np.argmin(np.abs(s - (line - 4.0)))]
    assert gap < 0.3 * column.max()
    assert old > 2 * gap


def still(shape: Shape) -> BoneEnd:
    """A healthy end of a shape whose sides do not waver."""
    end = end_of(shape=shape)
    return replace(end, wobble=0 * end.wobble)


def test_a_fading_flare_halves_with_every_stretch_and_leans_as_it_goes():
    shape = Shape(20.0, 10.0, 60.0, flare=(0.5, 0.5), flare_power=1.0, fading=True, collar=0.0, lean=0.2)
    left, right = still(shape).edges(np.array([0.0, -10.0, -20.0]))
    # Half widths 5 + 5 / 2^n; the middle goes the lost share of 0.2 half widths (2 mm) to the side.
    np.testing.assert_allclose(left, [-10.0, -7.5 + 1.0, -6.25 + 1.5])
    np.testing.assert_allclose(right, [10.0, 7.5 + 1.0, 6.25 + 1.5])


@pytest.mark.parametrize(
    ("bone", "films"),
    [
        # Width over that of the metaphysis 0.2, 0.5 and 1 width behind it, medians of normal films of 3-6
        # years (16 radii, 12 ulnae, the landmarked films).
        (Bone.RADIUS, (0.86, 0.69, 0.55)),
        (Bone.ULNA, (0.89, 0.73, 0.64)),
    ],
)
def test_sides_draw_in_as_on_films(bone, films):
    widths = []
    for seed in range(60):
        rng = np.random.default_rng(seed)
        shape = draw_shape(rng, draw_child(rng, 4.5), bone, 60.0)
        left, right = still(shape).edges(-shape.width * np.array([0.2, 0.5, 1.0]))
        widths.append((right - left) / shape.width)
    np.testing.assert_allclose(np.median(widths, axis=0), films, atol=0.05)


def test_walls_are_thin_behind_the_margin_and_thickest_in_the_shaft():
    end = still(Shape(18.0, 9.0, 60.0, fading=True))
    # 0.011 widths next to the margin; where the rise is over, the stated 1.2 mm.
    assert end._cortex(np.array([-1.0]))[0] == pytest.approx(0.198)
    assert end._cortex(np.array([-60.0]))[0] == pytest.approx(1.2, abs=0.01)


def test_the_band_fades_into_the_shaft_and_goes_with_the_zone():
    shape = replace(SHAPE, band=0.06)
    ring = {}
    for name, disease in (("whole", Disease()), ("lost", Disease(zone_loss=1.0))):
        added = [end_of(disease, s).maps(0.1, texture=False).values for s in (shape, SHAPE)]
        sheet = end_of(disease, shape).maps(0.1, texture=False)
        rows = sheet.s0 + 0.1 * np.arange(len(sheet.values))
        middle = (added[0] - added[1])[:, sheet.values.shape[1] // 2]
        ring[name] = [float(middle[np.argmin(np.abs(rows - at))]) for at in (0.5, -2.0, -6.0)]
    assert ring["whole"][0] > 1.5 * ring["whole"][1] > 3 * ring["whole"][2] >= 0
    assert np.max(np.abs(ring["lost"])) == 0


def test_front_and_back_rim_lie_at_different_heights():
    shape = replace(SHAPE, dome=0.1, round_depth=1.0, uneven_rims=0.5)
    ends = end_of(shape=shape).margin.ends
    middle = ends.shape[1] // 2
    # 0.8 of the half depth out: 1.8 mm x 0.64 lower, half of 0.8 more in front and less behind.
    drops = ends[4, middle] - ends[[0, -1], middle]
    np.testing.assert_allclose(drops, [1.8 * 0.64 * 0.6, 1.8 * 0.64 * 1.4], rtol=1e-6)


def test_strands_run_along_the_shaft():
    end = end_of(seed=3)
    x, s = np.arange(-4, 4, 0.1), np.arange(-12, -4, 0.1)
    struts = end._struts(x, s, 0.1)
    assert np.diff(struts, axis=1).var() > 2.0 * np.diff(struts, axis=0).var()


def test_shoulders_rise_upright_from_the_corners():
    shape = replace(SHAPE, dome=0.0, shoulder=0.05, wave=0.0)
    margin = end_of(shape=shape).margin.ends[4]
    # 0.05 x 18 mm x the root of 1 - 0.9^8 (0.5695); nothing at the corners.
    np.testing.assert_allclose(np.interp([-0.9, 0.9], GRID, margin), 0.9 * 0.5695**0.5, rtol=2e-3)
    np.testing.assert_allclose(np.interp([-1.0, 0.0, 1.0], GRID, margin), [0.0, 0.9, 0.0], atol=0.12)


def test_an_overhang_parts_front_and_back_at_the_half_of_corner1_only():
    shape = replace(SHAPE, overhang=0.1, round_depth=0.0)
    ends = end_of(shape=shape).margin.ends
    apart = ends[-1] - ends[0]
    # Front and back layer lie 1.6 half depths apart; 0.6 half widths out the bone is 0.8 as deep.
    assert np.interp(-0.6, GRID, apart) == pytest.approx(0.8 * 1.8 * 0.8, rel=1e-3)
    assert np.abs(np.interp([0.25, 0.6, 0.9], GRID, apart)).max() < 1e-9


def test_the_band_is_even_behind_the_end_and_soft_within():
    shape = replace(SHAPE, dome=0.0, wave=0.0, band=0.06, band_deep=0.16)
    ends = [replace(end_of(shape=s), tile_offset=(0.0, 0.0)) for s in (shape, replace(shape, band=0.0))]
    sheets = [end.maps(0.05, texture=False) for end in ends]
    added = sheets[0].values - sheets[1].values
    middle = added[:, np.argmin(np.abs(sheets[0].x0 + 0.05 * np.arange(added.shape[1])))]
    s = sheets[0].s0 + 0.05 * np.arange(len(added))
    # exp(-q^3) of the depth over 0.16 x 18 mm.
    found = np.interp([-0.576, -1.44, -2.88, -5.76], s, middle) / np.interp(-0.288, s, middle)
    np.testing.assert_allclose(found, np.exp([-0.007, -0.124, -0.999, -7.999]), atol=0.03)


def test_a_stout_wall_is_as_much_thicker_as_its_side_says():
    shape = Shape(18.0, 9.0, 60.0, fading=True, cortex=1.2, walls=(2.0, 0.5))
    end = still(shape)
    sheet = end.maps(0.05, texture=False)
    row = sheet.values[round((-50 - sheet.s0) / 0.05)]
    x = sheet.x0 + 0.05 * np.arange(len(row))
    left, right = (float(edge[0]) for edge in end.edges(np.array([-50.0])))
    # 1 mm in, the stout wall (2.4 mm) is solid for 1.8 mm: all of the chord is bone of 0.68.
    chord = 2 * 0.95 * np.sqrt(1.0 * (right - left - 1.0))
    assert np.interp(left + 1.0, x, row) == pytest.approx(0.68 * chord, rel=0.02)
    assert np.interp(right - 1.0, x, row) < 0.8 * 0.68 * chord


def test_a_side_leaves_its_collar_in_a_bend():
    shape = Shape(20.0, 10.0, 60.0, flare=(0.5, 0.5), flare_power=1.0, fading=True, collar=2.0)
    left, right = still(shape).edges(np.array([0.0, -10.0]))
    # Past the collar of 2 mm with a bend of 1: (8 + 8.0623 + 2 - 2.2361) / 2 = 7.9131 mm of 10 to one half.
    np.testing.assert_allclose(right, [10.0, 5 + 5 * 0.5**0.79131], rtol=1e-5)
    np.testing.assert_allclose(left, -right)


@pytest.mark.parametrize(("age", "low", "high"), [(2.0, 0.0, 0.0), (9.0, 0.4, 0.75)])
def test_the_radius_has_an_overhanging_epiphysis_at_the_age_at_which_films_show_it(age, low, high):
    found = []
    for seed in range(80):
        rng = np.random.default_rng(seed)
        found.append(draw_shape(rng, draw_child(rng, age), Bone.RADIUS, 60.0).overhang)
    # The plate itself takes up 0.03-0.05 widths, so 0.08 shows as an overlap of a twentieth or less.
    assert low <= np.mean(np.array(found) > 0.08) <= high
    assert max(found) <= 0.2
