"""What a validation counts, and what a reader of its report must know first."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from rickets_rx.agreement.bootstrap import MIN_CLUSTERS
from rickets_rx.agreement.design_file import StudyDesign
from rickets_rx.agreement.facts import FilmFacts, cluster_names
from rickets_rx.agreement.machine_scores import MachineScores
from rickets_rx.agreement.reading_list import WASHOUT_DAYS
from rickets_rx.io.readings import KNEE_BONES, Reading
from rickets_rx.vocabulary import JOINT_OF_BONE, Bone


def is_knee(reading: Reading) -> bool:
    """Whether a reading is of a knee, which this report sets aside."""
    return reading.bone in KNEE_BONES or reading.region == "knee"


def counts(
    readings: Sequence[Reading], scores: MachineScores, facts: dict[str, FilmFacts], design: StudyDesign
) -> dict[str, Any]:
    """Readings, readers, films, patients, and what is missing; None where unknown."""
    humans = [r for r in readings if r.reader not in design.construction]
    near, undated = repeats_too_early(humans)
    return {
        "readings": len(humans),
        "readers": len({r.reader for r in humans}),
        "films": len({r.image_sha256 for r in humans}),
        "patients": len({fact.patient for fact in facts.values() if fact.patient}) or None,
        "families": len({fact.family for fact in facts.values() if fact.family}) or None,
        "refused_readings": sum(r.refused for r in humans),
        "missing_readings": missing_readings(humans, design),
        "readings_with_machine_seen": sum(r.machine_seen is True for r in humans),
        "readings_unsaid": sum(r.machine_seen is None for r in humans),
        "readings_blinded": sum(r.blinded is True for r in humans),
        "repeats_before_washout": near,
        "repeats_undated": undated,
        "machine_bones": len(scores.bones),
    }


def _kind(reading: Reading) -> tuple[object, ...]:
    """What is asked of a reader together: bones of one joint, or changes of one region and order."""
    if reading.is_change:
        return "change", reading.region or "global", reading.order_known
    return "bone", JOINT_OF_BONE[Bone(reading.bone)]


def _subject(reading: Reading) -> tuple[object, ...]:
    return reading.image_sha256, reading.pair_sha256, reading.instance, reading.bone


def missing_readings(readings: Sequence[Reading], design: StudyDesign) -> int:
    """Places in the tables of units by readers with neither a value nor a refusal.

    A reader is asked for every unit of a kind that anybody read, once she read any of them; whether the
    machine was in view does not matter. Rows that are not there count like empty ones. The adjudicator is
    asked for nothing.
    """
    units: dict[object, set[object]] = defaultdict(set)
    given: dict[tuple[object, str], set[object]] = defaultdict(set)
    for reading in readings:
        if is_knee(reading) or reading.reader == design.adjudicator:
            continue
        kind, subject = _kind(reading), _subject(reading)
        units[kind].add(subject)
        said = given[kind, reading.reader]
        if not reading.missing:
            said.add(subject)
    return sum(len(units[kind] - said) for (kind, _), said in given.items())


def repeats_too_early(readings: Sequence[Reading]) -> tuple[int, int]:
    """Second readings within the washout of the first, and those whose days are not recorded.

    Returns
    -------
    tuple of int
        Under `WASHOUT_DAYS` apart; time of either reading unknown.
    """
    by_reader: dict[object, list[Reading]] = defaultdict(list)
    for reading in readings:
        by_reader[reading.reader, reading.order_known, _subject(reading)].append(reading)
    near = undated = 0
    for found in by_reader.values():
        first, *again = sorted(found, key=lambda r: r.occasion)[:2]
        for second in again:
            times = [_time(one.read_at) for one in (first, second)]
            if times[0] is None or times[1] is None:
                undated += 1
            else:
                near += abs(times[1] - times[0]) < timedelta(days=WASHOUT_DAYS)
    return near, undated


def _time(text: str) -> datetime | None:
    """A time without a zone is taken as UTC: hours do not matter to days."""
    if not text:
        return None
    found = datetime.fromisoformat(text)
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _read_films(readings: Sequence[Reading], facts: dict[str, FilmFacts]) -> list[FilmFacts]:
    read = {r.image_sha256 for r in readings}
    return [fact for image, fact in facts.items() if image in read]


def cluster_kind(readings: Sequence[Reading], facts: dict[str, FilmFacts], design: StudyDesign) -> str:
    """``patient``, ``family``, or ``unknown``."""
    return cluster_names(_read_films(readings, facts), design.cluster)[1] or "unknown"


def notes(
    counted: Mapping[str, Any],
    readings: Sequence[Reading],
    facts: dict[str, FilmFacts],
    design: StudyDesign,
) -> list[str]:
    """What limits the numbers, in plain words; the heaviest first. ``counted`` is from `counts`."""
    found = _cluster_notes(readings, facts, design)
    aided, unsaid = counted["readings_with_machine_seen"], counted["readings_unsaid"]
    near, undated = counted["repeats_before_washout"], counted["repeats_undated"]
    humans = [r for r in readings if r.reader not in design.construction]
    if unsaid:
        found.append(
            f"{unsaid} readings do not say whether the machine's grade was in view; taken as unaided."
        )
    if aided:
        found.append(f"{aided} readings were made with the machine's grade in view; they are analysed apart.")
    if near:
        found.append(f"{near} repeats were read under {WASHOUT_DAYS} days after the first reading.")
    if undated:
        found.append(f"{undated} repeats do not say when they or the first reading were made.")
    if any(r.reader == design.adjudicator for r in humans):
        found.append(f"{design.adjudicator} adjudicates and is no reader in any agreement of readers.")
    knees = sum(is_knee(r) for r in humans)
    if knees:
        found.append(f"{knees} knee readings are set aside: this report is of wrists and elbows.")
    if not counted["machine_bones"]:
        found.append("No scores of the machine were given: readers only.")
    return found


def _cluster_notes(
    readings: Sequence[Reading], facts: dict[str, FilmFacts], design: StudyDesign
) -> list[str]:
    clusters, kind = cluster_names(_read_films(readings, facts), design.cluster)
    if clusters is None:
        return ["The patients of some films are unknown, so no intervals are given (only estimates)."]
    if len(set(clusters)) < MIN_CLUSTERS:
        return [f"Under {MIN_CLUSTERS} clusters ({kind}): no bootstrap intervals are given."]
    return []
