"""Fitting and writing networks: they learn, repeat themselves, and the file says what torch says."""

import hashlib
import json
from pathlib import Path

import cv2
import numpy as np
import pytest

torch = pytest.importorskip("torch")

from rickets_rx.segment.training.canvas import (  # noqa: E402
    FILM_CLASSES,
    FilmClass,
    JointTarget,
    TrainingFilm,
)
from rickets_rx.segment.training.export import export  # noqa: E402
from rickets_rx.segment.training.fit import chances, fit  # noqa: E402
from rickets_rx.segment.training.losses import batch_loss, heat_targets, pose_targets  # noqa: E402
from rickets_rx.segment.training.networks import (  # noqa: E402
    PlaceNet,
    answer_head,
    crop_net,
    film_net,
    kind_net,
)
from rickets_rx.segment.training.samples import CROP_CELLS, crop_sample, film_sample  # noqa: E402
from rickets_rx.vocabulary import Joint  # noqa: E402


def small_net() -> PlaceNet:
    torch.manual_seed(3)
    return PlaceNet(maps=6, fields=0, classes=len(FILM_CLASSES) + 1, widths=(8, 12, 16, 16, 16), last=0)


def bar_film(shift: int) -> TrainingFilm:
    """Two bright bars of 40 and 24 px that end at a chord: all that a wrist is to a small network."""
    pixels = np.zeros((200, 200), np.float32)
    cv2.rectangle(pixels, (80 + shift, 100), (120 + shift, 199), 1.0, -1)
    cv2.rectangle(pixels, (48 + shift, 100), (72 + shift, 199), 0.8, -1)
    points = np.array([(80, 100), (120, 100), (100, 100), (48, 100), (72, 100), (60, 100)], np.float32)
    points[:, 0] += shift
    return TrainingFilm(pixels, (JointTarget(Joint.WRIST, points, np.array([0, -1], np.float32)),))


def test_heat_of_two_places_and_of_none() -> None:
    points = np.full((2, 2, 2), np.nan)
    points[0, 0], points[1, 0] = (3, 4), (9, 2)
    target = heat_targets(points, 12, 0.5)
    assert target.sum(1) == pytest.approx([1, 1])
    assert target[1, -1] == 1 and target[0, -1] == 0
    # Each place has half of the mass; its own cell 1 / sum of exp(-d^2 / (2 s^2)) over both axes of it.
    axis = sum(np.exp(-((k / 0.5) ** 2) / 2) for k in range(-3, 4))
    assert target[0, 4 * 12 + 3] == pytest.approx(0.5 / axis**2, rel=1e-3)
    assert target[0, 2 * 12 + 9] == pytest.approx(0.5 / axis**2, rel=1e-3)


def test_pose_is_taught_only_near_its_joint() -> None:
    fields, mask = pose_targets(np.array([[5, 6, 0.1, -1, 1, 0.1]]), 16, reach=2.0)
    assert mask.sum() == 13  # cells within 2 of a cell: 1 + 4 + 4 + 4
    assert fields[:, 6, 5] == pytest.approx([0.1, -1, 1, 0.1])
    assert not fields[:, mask == 0].any()


def test_loss_falls_on_a_few_films(tmp_path: Path) -> None:
    films = [bar_film(k) for k in (-20, 0, 20)]
    rng = np.random.default_rng(9)
    probe = [crop_sample(films[i % 3], rng, Joint.WRIST) for i in range(32)]
    net = small_net()
    with torch.no_grad():
        before = float(batch_loss(net.eval(), probe, CROP_CELLS, 1.2)[0])
    fitted = fit("wrist", films, net, out=tmp_path, steps=30, rate=1e-2)
    with torch.no_grad():
        after = float(batch_loss(fitted.eval(), probe, CROP_CELLS, 1.2)[0])
    assert after < 0.8 * before
    assert (tmp_path / "wrist.pt").is_file()


def test_the_same_seed_gives_the_same_weights(tmp_path: Path) -> None:
    films = [bar_film(k) for k in (-20, 20)]
    states = [
        fit("wrist", films, small_net(), out=tmp_path, seed=seed, steps=2).state_dict() for seed in (1, 1, 2)
    ]
    assert all(torch.equal(a, b) for a, b in zip(states[0].values(), states[1].values(), strict=True))
    assert not torch.equal(states[0]["head.weight"], states[2]["head.weight"])


def test_the_file_says_what_torch_says(tmp_path: Path) -> None:
    import onnxruntime

    net = small_net().eval()
    digest = export(net, tmp_path / "wrist.onnx", 64)
    assert digest == hashlib.sha256((tmp_path / "wrist.onnx").read_bytes()).hexdigest()
    assert json.loads((tmp_path / "hashes.json").read_text()) == {"wrist.onnx": digest}
    batch = np.random.default_rng(0).normal(size=(3, 2, 64, 64)).astype(np.float32)
    session = onnxruntime.InferenceSession(
        str(tmp_path / "wrist.onnx"), providers=["CPUExecutionProvider"]
    )  # fmt: skip
    shares, absent, classes = session.run(None, {"picture": batch})
    with torch.no_grad():
        maps, none, _, kinds = net(torch.from_numpy(batch))
    logits = torch.cat([maps.flatten(2), none[..., None]], 2).numpy().astype(float)
    expected = np.exp(logits - logits.max(2, keepdims=True))
    expected /= expected.sum(2, keepdims=True)
    assert shares.reshape(3, 6, -1) == pytest.approx(expected[..., :-1], abs=1e-5)
    assert absent == pytest.approx(expected[..., -1], abs=1e-5)
    assert classes.sum(1) == pytest.approx(1, abs=1e-5)
    assert np.array_equal(classes.argmax(1), kinds.numpy().argmax(1))


def test_no_unit_of_an_answer_dies() -> None:
    head = answer_head(6, 4)
    with torch.no_grad():
        head[0].bias.fill_(-500.0)  # what a step too large does: a ReLU is 0 for every picture from there on
    pooled = 20 + torch.randn(32, 6, generator=torch.Generator().manual_seed(1))
    head(pooled).pow(2).sum().backward()
    assert (head[0].weight.grad.abs().sum(1) > 0).all()


def test_rare_kinds_are_drawn_as_often_as_common_ones() -> None:
    picture = np.zeros((4, 4), np.float32)
    shows = [FilmClass.OPEN] * 4 + [FilmClass.CAST] + [FilmClass.LATERAL] * 2
    odds = chances([TrainingFilm(picture, shows=kind) for kind in shows])
    # 0.3 for four open films, 0.35 for one cast, 0.35 for two laterals.
    assert odds == pytest.approx([0.075] * 4 + [0.35] + [0.175] * 2)


def test_kinds_of_films_are_learned_and_written(tmp_path: Path) -> None:
    import onnxruntime

    noise = np.random.default_rng(2).random((200, 200)).astype(np.float32)
    films = [bar_film(0), bar_film(10), TrainingFilm(noise, shows=FilmClass.NO_RADIOGRAPH)]
    torch.manual_seed(1)
    kinds = fit("kinds", films, kind_net(), out=tmp_path, steps=20)
    place = film_net().eval()
    export(place, tmp_path / "film.onnx", 256, kinds)
    session = onnxruntime.InferenceSession(
        str(tmp_path / "film.onnx"), providers=["CPUExecutionProvider"]
    )  # fmt: skip
    drawn = [film_sample(film, np.random.default_rng(k)) for k in range(3) for film in films]
    batch = np.stack([sample.picture for sample in drawn])
    _, _, classes, fields = session.run(None, {"picture": batch})
    assert fields.shape == (9, 4, 64, 64)
    # The classes are the answer of the second network, whatever the first says, and it learned the two kinds.
    with torch.no_grad():
        assert classes == pytest.approx(kinds(torch.from_numpy(batch)).softmax(1).numpy(), abs=1e-4)
    assert (
        classes[2::3, FILM_CLASSES.index(FilmClass.NO_RADIOGRAPH)].min()
        > classes[[0, 1, 3, 4, 6, 7], FILM_CLASSES.index(FilmClass.NO_RADIOGRAPH)].max()
    )


def test_networks_have_an_answer_for_every_kind() -> None:
    with torch.no_grad():
        maps, absent, fields, kinds = film_net().eval()(torch.zeros(1, 2, 256, 256))
        crop = crop_net().eval()(torch.zeros(1, 2, 192, 192))
    assert (maps.shape, absent.shape, fields.shape) == ((1, 4, 64, 64), (1, 4), (1, 4, 64, 64))
    assert kinds.shape == (1, len(FILM_CLASSES))
    assert crop[0].shape == (1, 6, 96, 96) and crop[3].shape == (1, len(FILM_CLASSES) + 1)
