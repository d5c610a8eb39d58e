"""Rows of therapy.csv from MedicationStatements: drug, phase, dose a day, route and course."""

from typing import Any

from rickets_rx.io.fhir_bundle import Bundle, Entry, codes_of, concept_words
from rickets_rx.io.fhir_times import NoTime, When, course_of

Row = dict[str, Any]
NOT_TAKEN = ("not-taken", "entered-in-error", "intended")
SNOMED = "http://snomed.info/sct"
ROUTES = {"26643006": "oral", "47625008": "iv", "34206005": "sc", "78421000": "im"}
ROUTE_WORDS = {"oral": "oral", "by mouth": "oral", "intravenous": "iv", "subcutaneous": "sc"}
HOURS = {"h": 1.0, "d": 24.0, "wk": 168.0, "min": 1 / 60}
A_DAY = {"QD": 1.0, "BID": 2.0, "TID": 3.0, "QID": 4.0, "QOD": 0.5}
"""HL7 GTSAbbreviation: times a day."""


def therapy_rows(bundle: Bundle, entry: Entry, patient: str, day0: int) -> list[Row]:
    """One row for each dosage; one without a dose where none is coded.

    Words of a dosage (``Dosage.text``) are free text, may name a person, and are left out.
    """
    resource = entry.resource
    start, end = course(bundle, entry)
    row: Row = {"patient_id": patient, "drug": _drug(bundle, entry), "phase": _phase(bundle, resource)}
    row |= _days("start", start, day0) | _days("end", end, day0)
    dosages = resource.get("dosage") or [{}]
    return [row | {"route": _route(dosage.get("route"))} | _dose(dosage) for dosage in dosages]


def course(bundle: Bundle, entry: Entry) -> tuple[When | None, When | None]:
    """Start and end of a statement; raises InputError naming the entry."""
    try:
        return course_of(entry.resource)
    except NoTime as problem:
        raise bundle.error(entry, ".effective[x]", str(problem), "Write FHIR dates.") from None


def _days(end: str, when: When | None, day0: int) -> Row:
    if when is None:
        return {}
    days = when.days(day0)
    return {f"{end}_day": days["day"], f"{end}_low": days["day_low"], f"{end}_high": days["day_high"]}


def _drug(bundle: Bundle, entry: Entry) -> str:
    reference = entry.resource.get("medicationReference")
    found = bundle.target(reference, "Medication")
    concept = found.resource.get("code") if found else entry.resource.get("medicationCodeableConcept")
    words = concept_words(concept) or str((reference or {}).get("display") or "")
    if not words:
        raise bundle.error(entry, ".medication[x]", "names no drug", "Give its code, text or display.")
    return words


def _phase(bundle: Bundle, resource: Row) -> str:
    """The type of the EpisodeOfCare that is the statement's context: FHIR has no other place for a phase."""
    episode = bundle.target(resource.get("context"), "EpisodeOfCare")
    types = episode.resource.get("type") if episode else None
    return concept_words(types[0]) if types else ""


def _route(concept: Any) -> str:
    known = [ROUTES[code] for code in codes_of(concept, SNOMED) if code in ROUTES]
    words = concept_words(concept).strip()
    by_words = [route for start, route in ROUTE_WORDS.items() if words.lower().startswith(start)]
    return next(iter([*known, *by_words]), words)


def _dose(dosage: Row) -> Row:
    """``dose``, ``unit`` and ``per``; empty where no single dose is coded (ranges, words only)."""
    rates = dosage.get("doseAndRate") or [{}]
    if len(rates) > 1:
        return {}
    if "rateQuantity" in rates[0]:
        return _rate(rates[0]["rateQuantity"])
    if "rateRatio" in rates[0]:
        ratio = rates[0]["rateRatio"]
        below = ratio.get("denominator") or {}
        over = {"value": below.get("value"), "code": _unit(below)}
        times = _times_a_day({"period": over["value"], "periodUnit": over["code"], "frequency": 1})
        return _a_day(ratio.get("numerator") or {}, times)
    timing = dosage.get("timing") or {}
    times = _times_a_day(timing.get("repeat") or {})
    if times is None:
        codes = [one.get("code") for one in (timing.get("code") or {}).get("coding") or []]
        times = next((A_DAY[code] for code in codes if code in A_DAY), None)
    return _a_day(rates[0].get("doseQuantity") or {}, times)


def _times_a_day(repeat: Row) -> float | None:
    period, unit = repeat.get("period"), repeat.get("periodUnit")
    if not period or unit not in HOURS or any(name in repeat for name in ("frequencyMax", "periodMax")):
        return None
    return float(repeat.get("frequency") or 1) * 24.0 / (float(period) * HOURS[unit])


def _rate(quantity: Row) -> Row:
    """A rate such as ``mg/kg/d`` or ``g/h``."""
    unit, _, time = _unit(quantity).rpartition("/")
    if not unit or time not in HOURS:
        return _a_day(quantity, None)
    return _a_day(quantity | {"code": unit}, 24.0 / HOURS[time])


def _unit(quantity: Row) -> str:
    return str(quantity.get("code") or quantity.get("unit") or "")


def _a_day(quantity: Row, times: float | None) -> Row:
    """The dose of one day; as given, with ``per`` empty, where it is not known how often."""
    unit = _unit(quantity)
    if quantity.get("value") is None or not unit or "comparator" in quantity:
        return {}
    dose = float(quantity["value"])
    if times is None:
        return {"dose": dose, "unit": unit}
    if unit.endswith("/kg"):
        return {"dose": dose * times, "unit": unit.removesuffix("/kg"), "per": "kg.day"}
    return {"dose": dose * times, "unit": unit, "per": "day"}
