"""The planner as a command, and the size it names held against simulated studies."""

import numpy as np
import pytest
from typer.testing import CliRunner

from rickets_rx.agreement import planner_check
from rickets_rx.agreement.kappa import Weighting
from rickets_rx.agreement.planner import kappa_units, latent_correlation, latent_table, plan
from rickets_rx.agreement.planner_check import Question, answer, plan_lines, reached_width
from rickets_rx.cli import app
from rickets_rx.errors import UsageError

SHARES = (0.35, 0.2, 0.2, 0.15, 0.1)


def test_labels_cut_a_normal_into_the_shares():
    found = planner_check._labels(np.random.default_rng(0).normal(size=(200_000, 1)), SHARES)
    assert [np.mean(found == label) for label in (0, 0.5, 1, 1.5, 2)] == pytest.approx(SHARES, abs=0.005)


def test_the_answer_is_that_of_the_planner():
    asked = Question(0.6, 0.2, per_child=2, correlation=0.5, shares=SHARES)
    units = kappa_units(latent_table(0.6, SHARES), width=0.2)
    assert answer(asked) == plan(units, per_child=2, correlation=0.5)
    # Bonett 2002: 23 bones for an ICC of 0.85 by three readers, 0.2 wide; 23 x 1.5 / 2 = 17.25 children.
    assert answer(Question(0.85, 0.2, readers=3, per_child=2)).children == 18


@pytest.mark.parametrize(
    "asked",
    [
        Question(0.6, 0.2, readers=2, per_child=1, shares=SHARES),
        Question(0.5, 0.25, readers=2, per_child=1, shares=SHARES, weighting=Weighting.LINEAR),
        Question(0.8, 0.15, readers=3, per_child=1),
    ],
)
def test_independent_bones_reach_the_wanted_width(asked):
    # 300 studies tell a width to 4 % of itself.
    reached = reached_width(asked, answer(asked).children, repeats=300, seed=2)
    assert reached == pytest.approx(asked.width, rel=0.12)


def test_two_bones_of_a_child_cost_less_than_the_cautious_default():
    asked = Question(0.6, 0.2, readers=2, per_child=2, shares=SHARES)
    assert reached_width(asked, answer(asked).children, repeats=300, seed=3) < 0.19


def test_bones_that_say_the_same_are_worth_one(monkeypatch):
    # Six bones of each of 20 children: as wide as an interval of 20 children when they all say the same.
    asked = Question(0.8, 0.2, readers=3, per_child=6, correlation=0.0)
    apart = reached_width(asked, 20, repeats=200, seed=4)
    monkeypatch.setattr(planner_check, "ERRORS_WITHIN_CHILD", 0.99)
    monkeypatch.setattr(planner_check, "WITHIN_CHILD", 0.99)
    assert reached_width(asked, 20, repeats=200, seed=4) > 1.5 * apart


def test_more_readers_narrow_the_mean_over_pairs():
    asked = Question(0.6, 0.2, readers=4, shares=SHARES)
    pair, four = (reached_width(asked, 100, readers=n, repeats=150, seed=1) for n in (2, 4))
    assert four < 0.85 * pair


def test_simulated_readers_have_the_kappa_asked_for():
    share = latent_correlation(0.6, SHARES)
    seen = planner_check._seen(np.random.default_rng(0), (20_000, 2, 3), share)
    assert planner_check._estimate(Question(0.6, 0.2, shares=SHARES), seen) == pytest.approx(0.6, abs=0.01)
    assert seen.std(axis=0) == pytest.approx(np.ones(3), abs=0.02)
    bones = seen.reshape(20_000, 2, 3)
    shared = np.mean(bones[:, 0, 0] * bones[:, 1, 0])
    assert shared == pytest.approx(0.7 * share + 0.3 * (1 - share), abs=0.03)


def test_an_icc_is_the_share_of_the_variance_that_readers_see_alike():
    seen = planner_check._seen(np.random.default_rng(1), (20_000, 1, 3), 0.8)
    assert planner_check._estimate(Question(0.8, 0.2), seen) == pytest.approx(0.8, abs=0.01)


def test_command():
    said = CliRunner().invoke(app, ["plan", "--icc", "0.85", "--readers", "3", "--width", "0.2"])
    assert said.exit_code == 0
    assert "18 children with 2 bones each" in said.output
    said = CliRunner().invoke(app, ["plan", "--kappa", "0.6", "--width", "0.3", "--simulate", "30"])
    assert "quadratic weighted kappa of 0.6" in said.output
    assert "3 readers: an interval" in said.output


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["--kappa", "0.5", "--icc", "0.5"],
        ["--kappa", "1"],
        ["--kappa", "0.5", "--shares", "1,x"],
        ["--kappa", "0.5", "--shares", "0.5,0.4"],
        ["--icc", "1"],
    ],
)
def test_questions_without_an_answer_are_wrong_use(arguments):
    assert isinstance(CliRunner().invoke(app, ["plan", *arguments]).exception, UsageError)


def test_lines_without_simulation_tell_the_size_only():
    assert len(plan_lines(Question(0.8, 0.2))) == 3
