"""A FHIR R4 Bundle (Patient, Observation, MedicationStatement) as the tables of a case folder.

Patient.id is taken as the pseudonym. A birth date becomes an age in days; dates become days from each
patient's day 0, the day of the first value. Nothing else of a person passes (`fhir_bundle.FIELDS`).
"""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from rickets_rx.healing.analytes import find_analyte, normal_unit
from rickets_rx.io.case_folder import TABLES, CaseFolder, frame_of
from rickets_rx.io.case_folder_rows import Row as TableRow
from rickets_rx.io.case_folder_rows import plain_problem
from rickets_rx.io.fhir_bundle import Bundle, Entry, codes_of, concept_words, open_bundle
from rickets_rx.io.fhir_therapy import NOT_TAKEN, course, therapy_rows
from rickets_rx.io.fhir_times import NoTime, When, when_of_date, when_seen

if TYPE_CHECKING:
    import pandas as pd

Row = dict[str, Any]
Seen = tuple[Entry, str, When]
LOINC = "http://loinc.org"
UCUM = "http://unitsofmeasure.org"
NOT_SEEN = ("entered-in-error", "cancelled", "registered", "unknown")
# LOINC: measure of growth.csv, and accepted UCUM units with their factors.
_LENGTH = {"cm": 1.0, "m": 100.0, "mm": 0.1, "[in_i]": 2.54}
GROWTH: dict[str, tuple[str, dict[str, float]]] = {
    "29463-7": ("weight_kg", {"kg": 1.0, "g": 0.001, "[lb_av]": 0.45359237}),
    "8302-2": ("height_cm", _LENGTH),
    "8306-3": ("height_cm", _LENGTH),
    "9843-4": ("head_cm", _LENGTH),
}


def read_fhir_bundle(path: Path | str) -> CaseFolder:
    """Read and check a Bundle.

    Parameters
    ----------
    path : path
        JSON, UTF-8. Observations need a LOINC code or a usual name, a UCUM unit, and an effective time; an
        estimated time is an ``effectivePeriod`` that bounds it. A therapy phase is the type of the
        EpisodeOfCare that is the context of a MedicationStatement.

    Returns
    -------
    CaseFolder
        Without films, findings and events. ``notes`` tell what was left out.

    Raises
    ------
    InputError
        Naming file, entry and element. Unknown units are errors.
    UsageError
        Without the library (extra ``fhir``).
    """
    path = Path(path)
    bundle = open_bundle(path)
    notes = [f"{count} {kind} of the Bundle: not read" for kind, count in sorted(bundle.others.items())]
    people = _people(bundle)
    seen = _seen(bundle, people, notes)
    taken = _taken(bundle, people, notes)
    day0 = _day0(bundle, people, seen, taken)
    rows: dict[str, list[TableRow]] = {name: [] for name in TABLES}
    rows["patients"] = [_checked(bundle, e, "patients", _patient(bundle, e, day0)) for e in people.values()]
    for entry, patient, when in seen:
        table, row = _observed(bundle, entry, when, day0[patient], notes)
        rows[table].append(_checked(bundle, entry, table, {"patient_id": patient} | row))
    for entry, patient in taken:
        found = therapy_rows(bundle, entry, patient, day0[patient])
        rows["therapy"] += [_checked(bundle, entry, "therapy", row) for row in found]
    notes += [*_about_therapy(rows["therapy"]), *_unknown(rows["labs"])]
    frames = {name: frame_of(rows[name], row) for name, row in TABLES.items()}
    return CaseFolder(path=path, notes=tuple(notes), **frames | {"labs": _with_visits(frames["labs"])})


def _people(bundle: Bundle) -> dict[str, Entry]:
    """Patient.id to its entry."""
    found: dict[str, Entry] = {}
    for entry in bundle.entries["Patient"]:
        name = str(entry.resource.get("id") or "")
        if not name or name in found:
            problem = "is missing" if not name else f"stands already in entry {found[name].number}"
            raise bundle.error(entry, ".id", problem, "Give every Patient an id, a pseudonym, of its own.")
        found[name] = entry
    if not found:
        raise _no_patient(bundle)
    return found


def _no_patient(bundle: Bundle) -> Exception:
    from rickets_rx.errors import InputError

    return InputError(bundle.name, "Bundle.entry", "holds no Patient", "Export the patients with the values.")


def _subject(bundle: Bundle, entry: Entry, people: dict[str, Entry]) -> str:
    found = bundle.target(entry.resource.get("subject"), "Patient")
    if found is None:
        raise bundle.error(entry, ".subject", "is no Patient of the Bundle", "Export the Patient too.")
    return str(found.resource["id"])


def _seen(bundle: Bundle, people: dict[str, Entry], notes: list[str]) -> list[Seen]:
    """Observations that carry a value, with patient and time; what is left out is noted."""
    found = []
    for entry in bundle.entries["Observation"]:
        why = _why_left_out(entry.resource)
        if why:
            notes.append(f"entry {entry.number}, Observation: left out: {why}")
            continue
        try:
            when = when_seen(entry.resource)
        except NoTime as problem:
            raise bundle.error(entry, ".effective[x]", str(problem), "Give the day, or a period.") from None
        found.append((entry, _subject(bundle, entry, people), when))
    return found


def _why_left_out(resource: Row) -> str:
    quantity = resource.get("valueQuantity") or {}
    if resource["status"] in NOT_SEEN:
        return f"its status is {resource['status']}"
    if "component" in resource:
        return "its values stand in components"
    if quantity.get("value") is None:
        return "it holds no number"
    return "its value is a limit of detection, not a number" if "comparator" in quantity else ""


def _taken(bundle: Bundle, people: dict[str, Entry], notes: list[str]) -> list[tuple[Entry, str]]:
    found = []
    for entry in bundle.entries["MedicationStatement"]:
        if entry.resource["status"] in NOT_TAKEN:
            status = entry.resource["status"]
            notes.append(f"entry {entry.number}, MedicationStatement: left out: its status is {status}")
        else:
            found.append((entry, _subject(bundle, entry, people)))
    return found


def _day0(
    bundle: Bundle, people: dict[str, Entry], seen: list[Seen], taken: list[tuple[Entry, str]]
) -> dict[str, int]:
    """Ordinal of each patient's day 0: the first value, without any the first start of therapy (ours)."""
    values: dict[str, list[int]] = {name: [] for name in people}
    starts: dict[str, list[int]] = {name: [] for name in people}
    for _, patient, when in seen:
        values[patient].append(when.central)
    for entry, patient in taken:
        start, _ = course(bundle, entry)
        if start is not None:
            starts[patient].append(start.central)
    return {name: min(values[name] or starts[name] or [0]) for name in people}


def _patient(bundle: Bundle, entry: Entry, day0: dict[str, int]) -> Row:
    """Sex as far as the table knows it, and the age on day 0, with bounds where the birth date is partial."""
    name, born = str(entry.resource["id"]), entry.resource.get("birthDate")
    sex = entry.resource.get("gender")
    row: Row = {"patient_id": name, "sex": sex if sex in ("female", "male") else "unknown"}
    if born is None or not day0[name]:
        return row
    try:
        when = when_of_date(born)
    except NoTime as problem:
        raise bundle.error(entry, ".birthDate", str(problem), "Write a FHIR date, or leave it out.") from None
    age = {"age_days_at_day0": when.central, "age_low": when.high, "age_high": when.low}
    return row | {column: day0[name] - ordinal for column, ordinal in age.items()}


def _observed(bundle: Bundle, entry: Entry, when: When, day0: int, notes: list[str]) -> tuple[str, Row]:
    """The table that a value belongs to, and its row."""
    resource = entry.resource
    codes = codes_of(resource["code"], LOINC)
    quantity = resource["valueQuantity"]
    unit = _unit(bundle, entry, quantity)
    for code in codes:
        if code in GROWTH:
            measure, units = GROWTH[code]
            if unit not in units:
                known = ", ".join(units)
                raise bundle.error(
                    entry, ".valueQuantity.code", f"{unit!r} is not one of {known}", "Mend it."
                )
            value = float(quantity["value"]) * units[unit]
            return "growth", {"day": when.central - day0, "measure": measure, "value": value}
    loinc = next((code for code in codes if find_analyte("", code)), codes[0] if codes else "")
    row = {
        "visit": f"{when.low}..{when.high}",
        "analyte": _analyte(entry, loinc, notes),
        "loinc": loinc,
        "value": float(quantity["value"]),
        "unit": unit,
        "platform": concept_words(resource.get("method")),
    }
    return "labs", row | when.days(day0) | _range(bundle, entry, unit, notes)


def _unit(bundle: Bundle, entry: Entry, quantity: Row) -> str:
    if quantity.get("system") not in (None, UCUM):
        raise bundle.error(entry, ".valueQuantity.system", "is not UCUM", f"Give the unit in {UCUM}.")
    return str(quantity.get("code") or quantity.get("unit") or "")


def _analyte(entry: Entry, loinc: str, notes: list[str]) -> str:
    """The name behind the LOINC code, else the words; a LOINC code outweighs the words beside it."""
    words = concept_words(entry.resource["code"])
    by_code, by_words = find_analyte("", loinc), find_analyte(words)
    if by_code and by_words and by_code is not by_words:
        notes.append(
            f"entry {entry.number}, Observation.code: the words mean {by_words.name}, LOINC {loinc} means "
            f"{by_code.name}; LOINC is used"
        )
    return by_code.name if by_code else words


def _range(bundle: Bundle, entry: Entry, unit: str, notes: list[str]) -> Row:
    """The printed range: the only one, or the only one of type ``normal``."""
    ranges = entry.resource.get("referenceRange") or []
    if len(ranges) > 1:
        ranges = [one for one in ranges if "normal" in str((one.get("type") or {}).get("coding"))]
    if len(ranges) != 1:
        if entry.resource.get("referenceRange"):
            notes.append(f"entry {entry.number}, Observation.referenceRange: several ranges, none is used")
        return {}
    limits = {}
    for end in ("low", "high"):
        limit = ranges[0].get(end) or {}
        if limit.get("value") is not None:
            own = str(limit.get("code") or limit.get("unit") or unit)
            if normal_unit(own) != normal_unit(unit):
                raise bundle.error(
                    entry, f".referenceRange.{end}", "has another unit than the value", "Give both in one."
                )  # fmt: skip
            limits[f"range_{end}"] = float(limit["value"])
    return limits


def _checked(bundle: Bundle, entry: Entry, table: str, row: Row) -> TableRow:
    try:
        return TABLES[table].model_validate(row)
    except ValidationError as error:
        first = error.errors()[0]
        where = f" (column {first['loc'][0]} of {table}.csv)" if first["loc"] else f" (row of {table}.csv)"
        problem = plain_problem(dict(first))
        raise bundle.error(entry, where, problem, "Correct the resource.") from None


def _with_visits(labs: "pd.DataFrame") -> "pd.DataFrame":
    """Visits numbered by patient in the order of their days: values of one time are one visit."""
    ordered = labs.sort_values(["patient_id", "day", "day_low", "day_high"], kind="stable")
    numbers: dict[tuple[str, str], int] = {}
    counts: dict[str, int] = {}
    for patient, visit in zip(ordered["patient_id"], ordered["visit"], strict=True):
        if (patient, visit) not in numbers:
            counts[patient] = numbers[patient, visit] = counts.get(patient, 0) + 1
    keys = zip(labs["patient_id"], labs["visit"], strict=True)
    return labs.assign(visit=[str(numbers[key]) for key in keys]).astype({"visit": labs["visit"].dtype})


def _unknown(rows: list[Any]) -> list[str]:
    names = sorted({row.analyte for row in rows if find_analyte(row.analyte, row.loinc) is None})
    return [f"analyte {name!r} is not known; its values are listed and not judged" for name in names]


def _about_therapy(rows: list[Any]) -> list[str]:
    """What a reader should know of therapy."""
    if rows and not any(row.phase for row in rows):
        return [
            "no MedicationStatement has an EpisodeOfCare with a type as context: no therapy phase is named"
        ]
    return []
