"""Shells, nets and fits of the hand's small bones, against values worked out by hand."""

import numpy as np
import pytest

from rickets_rx.phantom.anatomy import Child
from rickets_rx.phantom.hand_atlas import Hand, end_width, films
from rickets_rx.phantom.outline_build import Build, Grain, _granules, _strands
from rickets_rx.phantom.outline_field import around, laid_out
from rickets_rx.phantom.outline_solid import LOPSIDED, WALL, _uneven, solid
from rickets_rx.phantom.ray_shapes import WIDEST, _aside, _based, draw_build, segment_of
from rickets_rx.phantom.small_bones import Look

TURN = np.linspace(0, 2 * np.pi, 200, endpoint=False)
DISC = 6.0 * np.stack([np.cos(TURN), np.sin(TURN)], axis=1)


class Cosines:
    """Draws that leave one deviation of every cosine and no sine."""

    def normal(self, _mean: float, scale: float, _size: int) -> tuple[float, float]:
        return scale, 0.0


def rod(half: float, long: float) -> np.ndarray:
    """A rectangle of 48 points from the middle of its base, once round."""
    s = np.linspace(0, long, 23)
    right = np.stack([np.full(23, half), s], axis=1)
    return np.vstack([[[0.0, 0.0]], right, [[0.0, long]], right[::-1] * (-1, 1)])


def steps(values: np.ndarray) -> tuple[float, float]:
    """Mean step across and along a map."""
    return float(np.abs(np.diff(values, axis=1)).mean()), float(np.abs(np.diff(values, axis=0)).mean())


def test_a_shell_is_thick_on_one_side_and_thin_on_the_other():
    lie = laid_out(DISC, 0.2)
    shell = _uneven(lie, around(lie), Build(), Cosines())
    row, column = (n // 2 for n in shell.shape)
    one, two, three = LOPSIDED
    assert shell[row, -2] == pytest.approx(1 + one + two + three, abs=0.03)
    assert shell[row, 1] == pytest.approx(1 - one + two - three, abs=0.03)
    assert shell[-2, column] == shell[1, column] == pytest.approx(1 - two, abs=0.05)


def test_front_and_back_of_a_block_have_shells_of_their_own():
    build = Build(depth=0.8, rim=0.3, fill=(0.0, 0.0, 0.0))
    flat, grain = Look(), Grain(clear=0.0)
    one = solid(DISC, build, pitch=0.2, look=flat, grain=grain, seed=4).values
    both = solid(DISC, build, pitch=0.2, look=flat, grain=grain, seed=4, back=DISC).values
    # With one shell for both, the mean of two equal halves would be either of them.
    assert np.abs(both - one).max() > 0.1 * one.max()


@pytest.mark.parametrize("through", [0.8, 2.0])
def test_a_marrow_canal_is_seen_through_its_front_and_back_walls(through):
    made = Build(depth=0.8, wall=1.0, through=through, rim=0.2, edge=(1.0, 1.0, 1.0), fill=(0.0, 0.0, 0.0))
    held = []
    for seed in range(30):
        sheet = solid(rod(5.0, 40.0), made, pitch=0.25, look=Look(), grain=Grain(clear=0.0), seed=seed)
        held.append(sheet.values[round((20 - sheet.s0) / 0.25), round(-sheet.x0 / 0.25)])
    # An empty canal behind walls of a millimetre at either side.
    assert np.mean(held) == pytest.approx(WALL * through, rel=0.08)


def test_struts_of_a_block_run_along_its_load():
    lie = laid_out(DISC, 0.1)
    shares = []
    for seed in range(8):
        along, across = (steps(_granules(lie, Build(load=load), 8, seed)) for load in (90.0, 0.0))
        shares.append((along[0] / along[1], across[0] / across[1]))
    upright, lying = np.mean(shares, axis=0)
    assert upright > 1.15 and lying < 1 / 1.15


def test_lines_of_a_shaft_are_long_at_its_waist_and_close_into_cells_at_its_head():
    lie = laid_out(rod(4.0, 40.0), 0.1)
    net = _strands(lie, Build(wall=1.0, cells=(0.4, 0.9), net=(0.9, 2.0)), 8, 3)
    ratios = []
    for low, high in ((18, 22), (36, 39)):
        rows = (lie.s > low) & (lie.s < high)
        across, along = steps(net[rows])
        ratios.append(across / along)
    assert ratios[0] > 2 * ratios[1]


def test_a_head_fits_the_end_that_it_sits_on():
    lender, frame = films()[-3], films()[-6]
    hand = Hand(((lender, 1.0),), frame, np.zeros((1, 5)))
    for ray in (2, 3, 4, 5):
        head, shaft = (lender.bones[f"{name}_{ray}"] for name in ("metacarpal_head", "metacarpal"))
        share = np.ptp(head.points[:, 0]) / end_width(shaft)
        made = np.ptp(hand.bone(f"metacarpal_head_{ray}").points[:, 0])
        assert made / end_width(hand.bone(f"metacarpal_{ray}")) == pytest.approx(share)


def test_no_head_is_much_wider_than_its_shaft():
    for seed in range(12):
        rng = np.random.default_rng(seed)
        child = Child(12.5, {})
        bone = segment_of(rng, child, draw_build(rng, child), (3, 0))
        end = bone.shaft[bone.shaft[:, 1] > 0.875 * bone.shaft[:, 1].max(), 0]
        # A shaft's own waves change its end by a few hundredths.
        assert np.ptp(bone.cap[:, 0]) < 1.05 * WIDEST * np.ptp(end)


def test_a_base_is_made_square_and_the_rest_stays():
    blunt = rod(4.0, 40.0)
    near = (blunt[:, 1] < 4) & (np.abs(blunt[:, 0]) > 0)
    blunt[near, 0] *= np.sqrt(np.clip(1 - (1 - blunt[near, 1] / 4) ** 2, 0.04, 1))
    made = _based(blunt, 1.0)
    assert made[:, 1] == pytest.approx(blunt[:, 1])
    assert made[blunt[:, 1] > 8] == pytest.approx(blunt[blunt[:, 1] > 8])
    second = np.flatnonzero(near & (blunt[:, 0] > 0))[1]
    # 1.82 mm up: 0.46 of an ellipse, and 0.68 into a corner that begins at 0.14 of the length.
    corner = (0.14 - blunt[second, 1] / 40) / 0.14
    assert made[second, 0] == pytest.approx(0.48 * 8 * (1 - corner**3.2) ** (1 / 3.2), rel=0.02)
    assert _based(blunt, 0.0) == pytest.approx(blunt)


def test_an_epiphysis_follows_a_turned_base_sideways():
    cap = np.array([[-3.0, -2.0], [3.0, -2.0], [3.0, -1.0], [-3.0, -1.0]])
    assert _aside(rod(4.0, 30.0) + np.array([1.5, 0.0]), cap) == pytest.approx(1.5)


def test_grain_differs_from_bone_to_bone():
    lie = laid_out(DISC, 0.1)
    # Seeds that are multiples of 9 keep the hand's spacing, those 8 beyond stretch it by 1.4.
    fine, wide = (
        np.mean([steps(_granules(lie, Build(), 8, 9 * k + more))[0] for k in range(6)]) for more in (0, 8)
    )
    assert fine > 1.1 * wide
