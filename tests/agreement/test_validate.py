"""The whole validation: known answers recovered, strata apart, gaps counted, the same bytes twice."""

import csv
import json
from dataclasses import replace

import numpy as np
import pytest

from rickets_rx.agreement.design_file import StudyDesign
from rickets_rx.agreement.facts import FilmFacts
from rickets_rx.agreement.machine_scores import MachineScores
from rickets_rx.agreement.simulate import (
    SimulatedReader,
    StudyModel,
    expected_table,
    expected_values,
    simulate_changes,
    simulate_study,
)
from rickets_rx.agreement.validate import ValidationResult, validate, validate_files
from rickets_rx.agreement.write import as_dict, report_html, write_validation
from rickets_rx.errors import InputError, UsageError
from rickets_rx.io.readings import READING_COLUMNS, Reading
from rickets_rx.io.results import write_table

ANNA, BEN = SimulatedReader("anna", 0.0, 0.2), SimulatedReader("ben", 0.3, 0.3, refuses=0.05)
CARLA = SimulatedReader("carla", -0.1, 0.25)
MACHINE = SimulatedReader("machine", 0.1, 0.25, refuses=0.1)
MODEL = StudyModel(80, (ANNA, BEN, CARLA), films=2, machine=MACHINE, again=0.4)
WRIST_BONES = {"scale": "thacher_wrist", "measure": "bone", "stratum": "unaided"}
LABELS = np.array([0, 0.5, 1, 1.5, 2])


@pytest.fixture(scope="module")
def study():
    return simulate_study(MODEL, seed=11)


@pytest.fixture(scope="module")
def result(study) -> ValidationResult:
    changes = simulate_changes(study, [ANNA, CARLA], seed=1, order_known=True)
    hidden = simulate_changes(study, [ANNA, CARLA], seed=2, order_known=False)
    return validate([*study.readings, *changes, *hidden], study.scores, draws=400)


def one(result, **wanted):
    found = result.find(**(WRIST_BONES | wanted))
    assert len(found) == 1, [(n.first, n.second, n.statistic) for n in found]
    return found[0].estimate


def held(estimate, truth, slack=0.5):
    """Inside the interval, widened by half its width on each side: 95 % intervals miss one in twenty."""
    room = slack * (estimate.high - estimate.low)
    return estimate.low - room <= truth <= estimate.high + room


@pytest.mark.parametrize("name", ["mean_pairwise_kappa_quadratic", "mean_pairwise_kappa_linear", "icc_2_1"])
def test_known_agreement_of_readers_is_recovered(result, name):
    found = one(result, section="readers", statistic=name, first="all readers")
    assert held(found, expected_values(MODEL)[name])
    assert found.clusters == 80


@pytest.mark.parametrize(("first", "second"), [(ANNA, BEN), (ANNA, CARLA), (BEN, CARLA)])
def test_known_bias_and_closeness_of_each_pair_are_recovered(result, first, second):
    table = expected_table(MODEL, first, second)
    apart = LABELS[:, None] - LABELS[None, :]
    names = {"section": "readers", "first": first.name, "second": second.name}
    assert held(one(result, statistic="bias", **names), float((table * apart).sum()))
    near = float(table[np.abs(apart) <= 0.5].sum())
    assert held(one(result, statistic="share_within_near", **names), near)


def test_known_agreement_of_the_machine_is_recovered(result):
    found = one(result, section="machine", statistic="mean_kappa_machine_reader")
    assert held(found, expected_values(MODEL)["mean_kappa_machine_reader"])


def test_known_repeatability_is_recovered(result):
    # Anna against herself: the expected table of two readings with her own noise, root mean square x 1.96.
    table = expected_table(MODEL, ANNA, ANNA)
    squared = (LABELS[:, None] - LABELS[None, :]) ** 2
    found = one(result, section="intra_reader", first="anna", statistic="smallest_real_change")
    assert held(found, 1.96 * float((table * squared).sum()) ** 0.5)


def test_refusals_are_an_outcome(result, study):
    found = one(result, section="failures", first="machine", second="", statistic="share_refused")
    rows = study.scores.bones.values()
    assert found.value == pytest.approx(np.mean([row["status"] == "refused" for row in rows]))
    assert held(found, 0.1)
    assert result.counts["refused_readings"] == sum(r.refused for r in study.readings)
    ben = one(result, section="failures", first="ben", statistic="share_refused")
    assert held(ben, 0.05)


def test_a_missing_row_and_an_empty_one_are_missing_both(study):
    kept = [r for r in study.readings if r.reader != "ben" or r.occasion == 1]
    first = next(i for i, r in enumerate(kept) if r.reader == "ben")
    kept[first] = replace(kept[first], grade=None, gradable=None, reason="")
    del kept[first + 1]
    found = one(validate(kept, draws=50), section="failures", first="ben", statistic="share_missing")
    assert found.value == pytest.approx(2 / 320)


def test_non_inferiority_follows_the_margin(study):
    strict = validate(study.readings, study.scores, StudyDesign(margin=1e-6), draws=400)
    lax = validate(study.readings, study.scores, StudyDesign(margin=0.9), draws=400)
    chosen = [next(d for d in r.decisions if str(d.measure) == "bone") for r in (strict, lax)]
    assert chosen[0].low == chosen[1].low
    assert chosen[0].shown is (chosen[0].low > -1e-6)
    assert chosen[1].shown is True


def test_a_machine_much_noisier_than_readers_is_not_called_equal():
    noisy = replace(MODEL, machine=SimulatedReader("machine", 0.5, 0.8))
    study = simulate_study(noisy, seed=3)
    result = validate(study.readings, study.scores, draws=400)
    (decision,) = [d for d in result.decisions if str(d.measure) == "bone"]
    assert decision.shown is False
    assert decision.high < 0


def test_readings_with_the_machine_in_view_are_analysed_apart(study):
    seen = [replace(r, reader="dora", machine_seen=True) for r in study.readings if r.reader == "anna"]
    result = validate([*study.readings, *seen], study.scores, draws=50)
    unaided = result.find(section="readers", stratum="unaided", measure="bone")
    assert "dora" not in {n.first for n in unaided} | {n.second for n in unaided}
    aided = result.find(section="machine", stratum="machine_seen", measure="bone", second="dora")
    assert {n.statistic for n in aided} >= {"kappa_quadratic", "bias"}
    assert any("analysed apart" in note for note in result.notes)


def test_nobody_who_saw_the_machines_grade_judges_it(study):
    first = [r for r in study.readings if r.occasion == 1]
    seen = [replace(r, machine_seen=True) for r in first]
    result = validate(seen, study.scores, draws=50)
    assert result.find(
        section="machine", stratum="machine_seen", statistic="kappa_difference", measure="bone"
    )
    assert result.decisions == ()


def test_order_known_and_hidden_have_numbers_of_their_own(result):
    for order in ("order known", "order hidden"):
        place = {"scale": "change_wrist", "measure": "change", "stratum": f"unaided, {order}"}
        (kappa,) = result.find(section="readers", statistic="kappa_quadratic", **place)
        assert kappa.estimate.units == 80
        (auc,) = result.find(section="direction", statistic="direction_auc", second="improved", **place)
        assert auc.estimate.value > 0.7
    pooled = [n for n in result.numbers if str(n.scale).startswith("change") and "order" not in n.stratum]
    assert pooled == []


def refused_ulnas(study):
    rows = study.scores.bones.items()
    return sum(row["status"] == "refused" for (_, _, bone), row in rows if bone == "ulna")


def test_truth_by_construction_is_never_among_readers(study):
    truth = [
        Reading(image, "phantom", instance=instance, bone=bone, grade=float(np.clip(round(2 * x) / 2, 0, 2)))
        for (image, instance, bone), x in study.latent.items()
    ]
    design = StudyDesign(construction=("phantom",))
    result = validate([*study.readings, *truth], study.scores, design, draws=50)
    others = [n for n in result.numbers if n.section != "recovery_of_construction"]
    assert "phantom" not in {n.first for n in others} | {n.second for n in others}
    assert result.counts["readers"] == 3
    recovery = {"section": "recovery_of_construction", "measure": "bone", "statistic": "kappa_quadratic"}
    (kappa,) = result.find(subgroup="", **recovery)
    (ulna,) = result.find(subgroup="bone: ulna", **recovery)
    assert ulna.estimate.units == sum(n.bone == "ulna" for n in truth) - refused_ulnas(study)
    assert kappa.second == "construction"
    assert kappa.estimate.value > 0.6
    html = report_html(result)
    assert html.index("Recovery of construction") > html.index("Readers with each other")


def test_unknown_patients_leave_values_without_intervals(study):
    anonymous = MachineScores({k: v | {"patient_id": None} for k, v in study.scores.bones.items()})
    result = validate(study.readings, anonymous, draws=50)
    found = one(result, section="machine", first="machine", second="reference", statistic="kappa_quadratic")
    assert found.value is not None
    assert (found.low, str(found.reason)) == (None, "patients_unknown")
    assert "patients of some films are unknown" in result.notes[0]


def test_readers_alone_are_enough_and_one_reader_alone_is_not(study, tmp_path):
    result = validate(study.readings, draws=50)
    assert result.find(section="machine") == []
    assert result.decisions == ()
    assert "readers only" in " ".join(result.notes)
    write(tmp_path / "one.csv", [r for r in study.readings if r.reader == "anna" and r.occasion == 1][:1])
    page = validate_files([tmp_path / "one.csv"], tmp_path / "out", draws=50)
    assert page.is_file()  # nothing to compare, but what is missing is a number


def test_a_negative_seed_is_a_wrong_use():
    with pytest.raises(UsageError, match="give a seed from 0"):
        validate([Reading("a" * 64, "anna", bone="ulna", grade=1.0)], seed=-1)


def test_only_knees_is_nothing_to_compare(tmp_path):
    write(tmp_path / "knee.csv", [Reading("a" * 64, "anna", bone="femur", grade=3.0)])
    with pytest.raises(InputError, match="holds nothing to compare"):
        validate_files([tmp_path / "knee.csv"], tmp_path / "out")


def write(path, readings):
    plain = {True: 1, False: 0}
    rows = [
        {name: plain.get(v, v) if isinstance(v := getattr(r, name), bool) else v for name in READING_COLUMNS}
        for r in readings
    ]
    write_table(path, READING_COLUMNS, rows)


def test_files_in_files_out_and_the_same_bytes_twice(study, tmp_path):
    write(tmp_path / "readings.csv", study.readings)
    columns = list(dict.fromkeys(name for row in study.scores.bones.values() for name in row))
    write_table(tmp_path / "scores.csv", columns, list(study.scores.bones.values()))
    for out in ("a", "b"):
        validate_files(
            [tmp_path / "readings.csv"], tmp_path / out, scores=tmp_path / "scores.csv", seed=3, draws=50
        )
    names = sorted(path.name for path in (tmp_path / "a").iterdir())
    assert names == ["checklist.csv", "methods.md", "report.html", "validation.csv", "validation.json"]
    for name in names:
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()
    direct = as_dict(validate(study.readings, study.scores, seed=3, draws=50))
    assert json.loads((tmp_path / "a" / "validation.json").read_text()) == json.loads(json.dumps(direct))


def test_written_numbers_are_null_with_a_reason_and_never_zero(study, tmp_path):
    few = [r for r in study.readings if r.image_sha256 in sorted(study.patients)[:6]]
    write_validation(validate(few, study.scores, draws=50), tmp_path)
    with (tmp_path / "validation.csv").open(newline="", encoding="utf-8") as handle:
        rows = list(csv.DictReader(handle))
    without = [row for row in rows if row["low"] == ""]
    assert without
    assert all(row["reason"] for row in without)


def test_the_page_is_closed_and_escaped(study):
    named = [replace(r, reader="<script>x</script>") if r.reader == "ben" else r for r in study.readings]
    html = report_html(validate(named, study.scores, StudyDesign(title="A & B"), draws=50))
    assert "<script>" not in html
    assert "&lt;script&gt;x" in html
    assert "<title>A &amp; B</title>" in html
    assert html.count("Research use only. Not for diagnosis or treatment decisions.") >= 2
    assert 'src="http' not in html
    assert 'href="http' not in html


def test_the_text_says_what_the_study_has_and_nothing_else(study, result):
    from rickets_rx.agreement.methods_text import markdown

    text = markdown(result)
    assert "3 readers gave" in text
    assert "80 patients" in text
    assert "order known and hidden" in text
    plain = markdown(validate(study.readings, draws=20))
    for absent in ("order known", "change_index", "Laboratory values", "by construction"):
        assert absent not in plain
    assert "this program's default, not stated by the study" in plain
    assert "stated in the design" in markdown(validate(study.readings, None, StudyDesign(), draws=20))


def test_checklist_is_filled_stated_or_open(study):
    from rickets_rx.agreement.checklist import checklist

    design = StudyDesign(statements={"CLAIM 7": "Two clinics."}, adjudicator="carla")
    items = {
        f"{i.guideline} {i.item}": i
        for i in checklist(validate(study.readings, study.scores, design, draws=50))
    }
    assert len(items) == 44 + 15
    assert (items["CLAIM 7"].state, items["CLAIM 7"].text) == ("stated", "Two clinics.")
    # What no program can know: eligibility, annotators, training of readers, protocol, funding.
    for name in ("CLAIM 8", "CLAIM 16", "CLAIM 42", "CLAIM 44", "GRRAS 4", "GRRAS 6", "GRRAS 12"):
        assert (items[name].state, items[name].text) == ("open", "")
    assert items["CLAIM 38"].text.startswith("reference ≥ 0.5: AUC")
    assert "severity: 0-0.5" in items["CLAIM 36"].text
    assert "carla gave a grade" in items["CLAIM 14"].text
    readers_only = {f"{i.guideline} {i.item}": i for i in checklist(validate(study.readings, draws=5))}
    assert {readers_only[f"CLAIM {item}"].state for item in (22, 37, 38, 43)} == {"open"}
    assert "80 patients" in items["GRRAS 11"].text


def test_the_order_of_rows_changes_nothing(study):
    there = as_dict(validate(study.readings, study.scores, seed=3, draws=50))
    back = as_dict(validate(study.readings[::-1], study.scores, seed=3, draws=50))
    assert there == back


def test_families_are_drawn_whole(study):
    # Forty families of two children each: the same values, half the clusters.
    facts = {
        image: FilmFacts(patient, f"f{int(patient[1:]) // 2}") for image, patient in study.patients.items()
    }
    by_family = validate(study.readings, study.scores, facts=facts, draws=200)
    by_child = validate(study.readings, study.scores, draws=200)
    names = {"section": "readers", "statistic": "icc_2_1", "first": "all readers"}
    family, child = one(by_family, **names), one(by_child, **names)
    assert (family.value, family.clusters, child.clusters) == (child.value, 40, 80)
    assert (family.low, family.high) != (child.low, child.high)
    assert by_family.provenance["clusters"] == "family"
    assert by_family.counts["families"] == 40
