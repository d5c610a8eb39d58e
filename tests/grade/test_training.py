"""Training of the grading network: targets and chances by hand, a fit that learns, an export that agrees."""

from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch")
pytest.importorskip("onnx")

from rickets_rx.grade.cnn import BONES
from rickets_rx.grade.examples import KEPT_SIDE
from rickets_rx.grade.patch import SHAFT_SIDES, SIDE
from rickets_rx.grade.training.draw import GROUPS, Drawn, draw_pieces, plan, read_pieces
from rickets_rx.grade.training.export import export_grade, export_shaft
from rickets_rx.grade.training.fit import (
    ELBOW_SHARE,
    REAL_SHARE,
    chances,
    fit_grade,
    fit_shaft,
    mixed,
    targets,
)
from rickets_rx.grade.training.vary import PER_WIDTH, Place, placed, varied, varied_shaft


def drawn(count: int = 60) -> Drawn:
    """Patches whose brightness above the middle tells the severity."""
    rng = np.random.default_rng(0)
    severity = rng.uniform(0, 1, count)
    patches = rng.normal(0, 0.05, (count, KEPT_SIDE, KEPT_SIDE))
    patches[:, 40:60, 20:90] += severity[:, None, None]
    shafts = rng.normal(0, 0.05, (count, *SHAFT_SIDES)).astype(np.float16)
    real, mimic = np.arange(count) < count // 3, np.arange(count) % 5 == 4
    return Drawn(patches.astype(np.float16), shafts, severity, np.arange(count) % 4, mimic, real)


def test_a_severity_counts_in_part_for_the_thresholds_near_it() -> None:
    wanted = targets(np.array([0.0, 0.5, 1.0]))
    # Thresholds 0.025, 0.075, ...: from 0.5, those at 0.475 and 0.525 lie 0.025 off: 0.5 +- 0.25.
    assert wanted[1, 9:11] == pytest.approx([0.75, 0.25])
    assert (wanted[1, :9] == 1).all() and (wanted[1, 11:] == 0).all()
    assert wanted[0, 1:].sum() == 0 and wanted[2, :-1].sum() == 19


def test_real_films_and_elbows_are_drawn_by_their_shares_and_rare_severities_more_often() -> None:
    severity = np.array([0.0, 0.0, 0.0, 0.0, 0.9, 0.5, 0.5, 0.2])
    real = np.array([False] * 5 + [True, False, False])
    bone = np.array([0, 1, 0, 1, 0, 0, 2, 0])
    mimic = np.array([False] * 7 + [True])
    nothing = np.zeros((8, 1, 1), np.float16)
    chance = chances(Drawn(nothing, nothing, severity, bone, mimic, real))
    assert chance.sum() == pytest.approx(1)
    assert chance[5:].tolist() == pytest.approx([REAL_SHARE, ELBOW_SHARE, 0.0])
    # Four alike weigh 1 / sqrt(4) each, one alone 1: it is drawn twice as often as any of them.
    assert chance[4] == pytest.approx(2 * chance[0])


def test_groups_have_their_shares_and_are_even_within() -> None:
    one = np.array([True, True, False, False, False])
    assert mixed([(one, 0.4), (~one, 0.6)]) == pytest.approx([0.2, 0.2, 0.2, 0.2, 0.2])


def test_a_varied_patch_has_its_size_and_another_look() -> None:
    rng = np.random.default_rng(3)
    patch = rng.random((KEPT_SIDE, KEPT_SIDE)).astype(np.float32)
    shaft = rng.random(SHAFT_SIDES).astype(np.float32)
    for vary, kept, shape in ((varied, patch, (SIDE, SIDE)), (varied_shaft, shaft, SHAFT_SIDES)):
        first, second = (vary(kept, np.random.default_rng(seed)) for seed in (1, 2))
        assert first.shape == shape
        assert np.isfinite(first).all()
        assert not np.allclose(first, second)


def test_a_place_further_towards_the_shaft_sees_what_lies_there() -> None:
    # Rows tell the place. Unmoved, the middle of 112 rows (55.5) stands at the middle of 96 (47.5).
    rows = np.repeat(np.arange(KEPT_SIDE, dtype=np.float32)[:, None], KEPT_SIDE, axis=1)
    still = placed(rows, (SIDE, SIDE), Place(0.0, (1.0, 1.0), (0.0, 0.0), False), PER_WIDTH)
    assert still[[0, 95], 40] == pytest.approx([8, 103], abs=1e-3)
    # 0.05 widths along, 80 pixels a width: four rows.
    moved = placed(rows, (SIDE, SIDE), Place(0.0, (1.0, 1.0), (0.0, 0.05), False), PER_WIDTH)
    assert moved[47, 40] - still[47, 40] == pytest.approx(4, abs=1e-3)


def test_a_turn_is_one_of_the_film_though_patches_are_squeezed() -> None:
    # A width is 60 pixels across and 80 along: a turn by 0.1 moves a point 30 pixels (half a width) across
    # by 0.5 x sin(0.1) x 80 = 3.99 pixels along.
    matrix = Place(0.1, (1.0, 1.0), (0.0, 0.0), False).matrix(PER_WIDTH)
    assert matrix @ [30.0, 0.0] == pytest.approx([30 * np.cos(0.1), 3.993], abs=1e-3)
    mirrored = Place(0.0, (1.0, 1.0), (0.0, 0.0), True).matrix(PER_WIDTH)
    assert mirrored.tolist() == [[-1, 0], [0, 1]]


def test_pieces_are_drawn_once_and_hold_every_group(tmp_path: Path) -> None:
    names = [name for name, _, _ in plan(1.0, 0)]
    children = [child for _, _, seeds in plan(1.0, 0) for child in seeds]
    assert len(set(names)) == len(names)
    assert len(set(children)) == len(children) == sum(group.children for group in GROUPS)
    # The first tenth of the plan already holds every large group.
    early = {(group.joint, group.spread) for _, group, _ in plan(1.0, 0)[: len(names) // 10]}
    assert early >= {(g.joint, g.spread) for g in GROUPS if g.children >= 400}
    first = draw_pieces(tmp_path, 0, 0.0005)
    times = [path.stat().st_mtime_ns for path in first]
    first[0].unlink()
    again = draw_pieces(tmp_path, 0, 0.0005)
    assert again == first
    assert [path.stat().st_mtime_ns for path in again][1:] == times[1:]
    # A short run's pieces are not taken for those of a whole one in the same folder.
    short = {(seeds.start, len(seeds)): name for name, _, seeds in plan(0.0005, 0)}
    whole = {(seeds.start, len(seeds)): name for name, _, seeds in plan(1.0, 0)}
    assert not set(short) & set(whole) and not set(short.values()) & set(whole.values())
    found = read_pieces(again)
    assert found.mimic.any() and set(found.bone) == set(range(len(BONES)))
    assert found.severity[found.mimic].max() == 0
    assert found.patches.shape[1:] == (KEPT_SIDE, KEPT_SIDE)


def test_the_fit_repeats_itself_and_its_export_agrees(tmp_path: Path) -> None:
    import onnxruntime
    import torch

    nets = [fit_grade(drawn(), seed=4, steps=4) for _ in range(2)]
    x, bone = torch.rand(3, 2, SIDE, SIDE), torch.eye(len(BONES))[:3]
    with torch.no_grad():
        ours = [net(x, bone).sigmoid().numpy() for net in nets]
    assert ours[0] == pytest.approx(ours[1], abs=1e-6)
    export_grade(nets[0], tmp_path / "grade.onnx")
    session = onnxruntime.InferenceSession(tmp_path / "grade.onnx", providers=["CPUExecutionProvider"])
    told = session.run(None, {"patch": x.numpy(), "bone": bone.numpy()})[0]
    assert told == pytest.approx(ours[0], abs=1e-4)


def test_the_network_of_shafts_is_exported_as_it_answers(tmp_path: Path) -> None:
    import onnxruntime
    import torch

    net = fit_shaft(drawn(), seed=4, steps=4)
    x = torch.rand(3, 2, *SHAFT_SIDES)
    with torch.no_grad():
        ours = net(x).sigmoid().numpy()
    export_shaft(net, tmp_path / "shaft.onnx")
    session = onnxruntime.InferenceSession(tmp_path / "shaft.onnx", providers=["CPUExecutionProvider"])
    assert session.run(None, {"shaft": x.numpy()})[0] == pytest.approx(ours, abs=1e-4)
