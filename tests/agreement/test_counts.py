"""What is counted: missing readings whether a row is empty or absent, and repeats that came too soon."""

import pytest

from rickets_rx.agreement.counts import missing_readings, repeats_too_early
from rickets_rx.agreement.design_file import StudyDesign
from rickets_rx.agreement.machine_scores import machine_scores
from rickets_rx.agreement.validate import validate
from rickets_rx.io.readings import Reading

FILMS = [f"{i:064x}" for i in range(12)]


def grade(reader, film, value=1.0, bone="radius", **more):
    return Reading(film, reader, bone=bone, grade=value, gradable=True, side="left", **more)


def test_absent_rows_and_empty_ones_are_missing_alike():
    # Anna: 3 radii. Ben: one grade, one empty row, one row not there. Refusals are no gaps.
    readings = [grade("anna", film) for film in FILMS[:3]]
    readings += [grade("ben", FILMS[0]), Reading(FILMS[1], "ben", bone="radius")]
    assert missing_readings(readings, StudyDesign()) == 2
    readings[-1] = Reading(FILMS[1], "ben", bone="radius", gradable=False, reason="oblique")
    assert missing_readings(readings, StudyDesign()) == 1
    assert validate(readings, draws=5).counts["missing_readings"] == 1


def test_nobody_misses_what_another_kind_of_reader_read():
    # Elbows are asked of readers of elbows, changes of readers of that order; knees of nobody.
    readings = [grade("anna", FILMS[0]), grade("ben", FILMS[1], bone="humerus")]
    readings += [Reading(FILMS[1], "carla", pair_sha256=FILMS[0], region="wrist", rgic=1, order_known=True)]
    readings += [Reading(FILMS[1], "dora", pair_sha256=FILMS[0], region="wrist", rgic=1, order_known=False)]
    readings += [grade("anna", FILMS[2], 3.0, bone="femur")]
    assert missing_readings(readings, StudyDesign()) == 0


def test_a_film_read_with_the_machine_in_view_is_not_missing():
    readings = [grade("anna", FILMS[0], machine_seen=True), grade("anna", FILMS[1], machine_seen=False)]
    readings += [grade("ben", film, machine_seen=False) for film in FILMS[:2]]
    assert missing_readings(readings, StudyDesign()) == 0


def test_the_adjudicator_is_asked_for_nothing():
    readings = [*(grade("anna", film) for film in FILMS[:3]), grade("carla", FILMS[0])]
    assert missing_readings(readings, StudyDesign()) == 2
    assert missing_readings(readings, StudyDesign(adjudicator="carla")) == 0


@pytest.mark.parametrize(
    ("first", "second", "found"),
    [
        ("2026-05-01T09:00:00", "2026-05-14T20:00:00", (1, 0)),  # 13 days and 11 hours
        ("2026-05-01T09:00:00", "2026-05-15T09:00:00+00:00", (0, 0)),  # 14 days
        ("2026-05-01T09:00:00", "", (0, 1)),
    ],
)
def test_repeats_within_the_washout_are_told(first, second, found):
    readings = [grade("anna", FILMS[0], read_at=first), grade("anna", FILMS[0], occasion=2, read_at=second)]
    readings += [grade("anna", FILMS[1], read_at=first), grade("ben", FILMS[0], read_at=first)]
    assert repeats_too_early(readings) == found
    told = " ".join(validate(readings, draws=5).notes)
    assert ("under 14 days" in told, "do not say when" in told) == (found[0] > 0, found[1] > 0)


def test_a_film_refused_as_a_whole_keeps_its_patient():
    # It has no row in scores.csv: images.csv knows whose it is, so that one refusal costs no interval.
    readings = [grade(name, film, i % 3 / 2) for i, film in enumerate(FILMS) for name in ("anna", "ben")]
    rows = [
        {"image_sha256": film, "bone": "radius", "status": "scored", "grade": 0.5, "patient_id": f"p{i}"}
        for i, film in enumerate(FILMS[:-1])
    ]
    refused = {
        "image_sha256": FILMS[-1],
        "status": "refused",
        "reason": "oblique",
        "patient_id": "p11",
        "day": 3,
    }
    result = validate(readings, machine_scores(rows, [refused]), draws=50)
    (share,) = result.find(section="failures", measure="bone", first="machine", statistic="share_refused")
    assert (share.estimate.value, share.estimate.clusters) == (pytest.approx(1 / 12), 12)
    assert share.estimate.low is not None
    assert result.counts["patients"] == 12
