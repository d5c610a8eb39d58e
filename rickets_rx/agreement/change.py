"""Agreement on change: readings of pairs (RGI-C by region), and changes of grades between consecutive films.

Order known and order hidden are views of their own and never pooled. The machine's integer is its
``change_index`` (`healing.change`), never called RGI-C; its continuous counterpart is the fall of severity.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import partial
from itertools import pairwise

import numpy as np

from rickets_rx.agreement.design_file import StudyDesign
from rickets_rx.agreement.facts import FilmFacts, age_band
from rickets_rx.agreement.kappa import RGIC_LABELS
from rickets_rx.agreement.ledger import Ledger, any_known
from rickets_rx.agreement.machine_scores import MachineScores, Row
from rickets_rx.agreement.roc import (
    at_least,
    auc_statistic,
    sensitivity_statistic,
    spearman_statistic,
    specificity_statistic,
)
from rickets_rx.agreement.statistic import FloatArray
from rickets_rx.agreement.views import Kind, Machine, Measure, Outcome, Stratum, View, of_units, view_of
from rickets_rx.healing.change import change_index
from rickets_rx.io.readings import Reading
from rickets_rx.score import SUMMED_BONES
from rickets_rx.vocabulary import Joint, Status

GRADE_CHANGE_LABELS = tuple(half / 2 for half in range(-4, 5))
ORDERS = {True: "order known", False: "order hidden", None: "order not recorded"}
REFERENCE, MACHINE = "reference", "machine"

Pair = tuple[str, str, int, str]


def change_views(
    readings: Sequence[Reading],
    scores: MachineScores,
    facts: Mapping[str, FilmFacts],
    design: StudyDesign,
    stratum: Stratum = Stratum.UNAIDED,
) -> list[View]:
    """One view for each region and each way in which the order of the films was shown."""
    groups: dict[tuple[str, bool | None], list[Reading]] = defaultdict(list)
    for reading in readings:
        if reading.is_change and reading.region != "knee":
            groups[reading.region or "global", reading.order_known].append(reading)
    views = []
    for (region, known), found in sorted(groups.items(), key=lambda item: (item[0][0], str(item[0][1]))):
        place = f"change_{region}", Measure.CHANGE, f"{stratum}, {ORDERS[known]}"
        views.append(
            view_of(
                Kind(*place, RGIC_LABELS, 1.0, _pair, lambda r: r.rgic), found, facts, design,
                machine_of=partial(machine_on_pairs, scores=scores, region=region),
                named_of=partial(_ages, facts=facts, design=design),
            )
        )  # fmt: skip
    return views


def _ages(
    keys: Sequence[Pair], _: FloatArray, facts: Mapping[str, FilmFacts], design: StudyDesign
) -> dict[str, tuple[str, ...]]:
    ages = (facts[key[0]].age_years for key in keys)
    return {"age_band": tuple(age_band(age, design.age_bands_years) for age in ages)}


def _pair(reading: Reading) -> Pair:
    return reading.image_sha256, reading.pair_sha256, reading.instance, reading.bone


def machine_on_pairs(keys: Sequence[Pair], scores: MachineScores, region: str) -> Machine:
    """Mean ``change_index`` (rounded, halves away from 0) and mean fall of severity over a region's bones.

    Bones of the two films are matched by side and name; a bone without a side has no index (see
    `healing.change`). Elbow readings use the elbow's summed bones, all others the wrist's (ours).
    """
    bones = SUMMED_BONES[Joint.ELBOW if region == Joint.ELBOW else Joint.WRIST]
    films: dict[str, list[Row]] = defaultdict(list)
    for (image, _, _), row in scores.bones.items():
        if row.get("status") == Status.SCORED and row["bone"] in tuple(bones):
            films[image].append(row)
    index, fall = np.full(len(keys), np.nan), np.full(len(keys), np.nan)
    for i, (later, earlier, instance, bone) in enumerate(keys):
        pairs = [
            (b, a) for b, a in _matched(films[earlier], films[later], instance) if bone in ("", a["bone"])
        ]
        found = [change_index(before, after).value for before, after in pairs]
        if found and all(value is not None for value in found):
            index[i] = _away_from_zero(float(np.mean([value for value in found if value is not None])))
            fall[i] = float(np.mean([before["severity"] - after["severity"] for before, after in pairs]))
    outcome = np.where(np.isfinite(index), Outcome.GRADED, Outcome.ABSENT)
    nothing = np.full(len(keys), np.nan)
    return Machine(index, nothing, nothing, fall, outcome, tuple("" for _ in keys))


def _matched(before: Sequence[Row], after: Sequence[Row], instance: int) -> list[tuple[Row, Row]]:
    """Rows of the same side and bone on both films, for the given wrist of the later one."""
    earlier = {(row.get("side"), row["bone"]): row for row in before}
    here = [row for row in after if int(row.get("instance") or 1) == instance]
    return [(earlier[key], row) for row in here if (key := (row.get("side"), row["bone"])) in earlier]


def _away_from_zero(value: float) -> float:
    return float(np.sign(value) * np.floor(abs(value) + 0.5))


def grade_change_view(bones: View) -> View | None:
    """Falls of grade between consecutive films of one patient, side and bone, later film as the unit.

    Above 0 is better. None where no bone was read on two films.
    """
    pairs = _consecutive(bones)
    if not pairs:
        return None
    early, late = (np.array(part, dtype=int) for part in zip(*pairs, strict=True))
    machine = bones.machine
    fell = machine.grade[early] - machine.grade[late]
    nothing = np.full(len(pairs), np.nan)
    ratings = bones.ratings[early] - bones.ratings[late]
    return of_units(
        bones, late, measure=Measure.CHANGE, labels=GRADE_CHANGE_LABELS, ratings=ratings,
        repeats=np.full(ratings.shape, np.nan),
        outcome=np.where(np.isfinite(ratings), Outcome.GRADED, Outcome.ABSENT),
        reference=bones.reference[early] - bones.reference[late],
        machine=Machine(
            fell, nothing, nothing, machine.severity[early] - machine.severity[late],
            np.where(np.isfinite(fell), Outcome.GRADED, Outcome.ABSENT), tuple("" for _ in pairs),
        ),
    )  # fmt: skip


def _consecutive(bones: View) -> list[tuple[int, int]]:
    """Positions of consecutive units of the same patient, side and bone on different days."""
    rows: dict[tuple[str, str, str], list[tuple[int, int]]] = defaultdict(list)
    for i, (patient, day) in enumerate(zip(bones.patients, bones.days, strict=True)):
        side, bone = bones.facts["side"][i], bones.facts.get("bone", ("",) * bones.units)[i]
        if patient and side and day is not None:
            rows[patient, side, bone].append((day, i))
    return [
        (first[1], second[1])
        for found in rows.values()
        for first, second in pairwise(sorted(found))
        if first[0] < second[0]
    ]


def direction_section(ledger: Ledger) -> None:
    """Does the machine call the direction that readers call: AUC, sensitivity, specificity, rank correlation.

    Improved means above 0, worsened below 0; for changes of grade also "fell by a grade or more", for
    readings of change also a responder (+2, "substantial healing").
    """
    view, machine, reference = ledger.view, ledger.view.machine, ledger.view.reference
    if not any_known(machine.severity, reference):
        return
    least = 0.5 if view.labels == GRADE_CHANGE_LABELS else 1.0
    worsened = at_least(-reference, least)
    ledger.add(
        "direction_auc", auc_statistic(machine.severity, at_least(reference, least)), MACHINE, "improved"
    )
    ledger.add("direction_auc", auc_statistic(-machine.severity, worsened), MACHINE, "worsened")
    name, cut = ("fell by >= 1 grade", 1.0) if least == 0.5 else ("responder (>= 2)", 2.0)
    for label, at in (("improved", least), (name, cut)):
        called, positive = at_least(machine.grade, at), at_least(reference, at)
        ledger.add("sensitivity", sensitivity_statistic(called, positive), MACHINE, label)
        ledger.add("specificity", specificity_statistic(called, positive), MACHINE, label)
    ledger.add("spearman", spearman_statistic(machine.severity, reference), MACHINE, REFERENCE)


def consecutive_changes(view: View, values: FloatArray) -> tuple[FloatArray, list[tuple[int, int]]]:
    """Falls of ``values`` between consecutive units of one patient and side, and their positions."""
    pairs = _consecutive(view)
    return np.array([values[a] - values[b] for a, b in pairs], dtype=float), pairs
