"""The two questions a reader asks first, as table rows: is the child healed, and during which phase?"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from rickets_rx.report.course import text
from rickets_rx.report.figures_table import Cell, Footnotes, cell
from rickets_rx.report.reasons import sentence, sentences
from rickets_rx.report.words import number, phase_words

_NAMES = {"biochemical_with_p": "biochemical with P", "trial_2014": "trial of 2014"}


@dataclass(frozen=True)
class Healed:
    """One named definition of healed and what it says of a patient."""

    name: str
    words: str
    answer: str
    day: str
    basis: str
    source: str


def healed_rows(figures: Mapping[str, Any]) -> list[Healed]:
    """Every definition with its answer, for each kind of range where it rests on ranges, and why."""
    return [_healed(str(name), leaf) for name, leaf in (figures.get("healed") or {}).items()]


def _healed(name: str, leaf: Mapping[str, Any]) -> Healed:
    day = leaf.get("day")
    ranges: Mapping[str, Mapping[str, Any]] = leaf.get("ranges") or {}
    answer = "; ".join(f"{kind} ranges: {_answer(found)}" for kind, found in ranges.items()) or _answer(leaf)
    basis = "; ".join(f"{kind}: {_used(found)}" for kind, found in ranges.items()) or _used(leaf)
    why = sentences(text(leaf.get("reason")))
    return Healed(
        _NAMES.get(name, name.replace("_", " ")),
        text(leaf.get("words")),
        answer,
        "" if day is None else number(float(day), 4),
        "; ".join(filter(None, (why, basis))) if ranges else why or basis,
        text(leaf.get("source")),
    )


def _answer(leaf: Mapping[str, Any]) -> str:
    """``yes``, ``no`` or ``cannot be told``; a yes that no second value bears out says so."""
    if leaf.get("value") is None:
        return "cannot be told"
    if not leaf["value"]:
        return "no"
    return (
        "yes"
        if leaf.get("confirmed") is None
        else "yes, confirmed"
        if leaf["confirmed"]
        else "yes, unconfirmed"
    )


def _used(leaf: Mapping[str, Any]) -> str:
    """What an answer rests on: ``Ca normal, ALP high``; a value that has no such range says so."""
    used: Mapping[str, Any] = leaf.get("used") or {}
    return ", ".join(f"{name} {'without range' if found is None else found}" for name, found in used.items())


@dataclass(frozen=True)
class Attribution:
    """The phase during which healing was seen, or why none is named; ``rates`` by delay and phase.

    ``chances`` and ``weights`` (of the delays) are percentages in words, empty where no film was read.
    """

    phase: str
    reasons: list[str]
    cautions: list[str]
    phases: list[str]
    rates: list[tuple[str, list[Cell]]]
    notes: list[str]
    chances: list[str]
    weights: dict[str, str]
    named_from: str


def attribution_of(figures: Mapping[str, Any]) -> Attribution | None:
    """What `healing.attribution` found; None where it was not asked."""
    found = figures.get("attribution")
    if not found:
        return None
    codes = found.get("reasons") or [code for code in text(found.get("reason")).split(";") if code]
    rates: Mapping[str, Mapping[str, Any]] = found.get("rates") or {}
    names = list(dict.fromkeys(name for by_phase in rates.values() for name in by_phase))
    notes = Footnotes()
    missing = {"value": None, "reason": "no_separating_film"}
    lines = [
        (lag, [cell(by_phase.get(name, missing), notes) for name in names]) for lag, by_phase in rates.items()
    ]
    return Attribution(
        phase_words(text(found.get("value"))),
        [sentence(str(code)) for code in codes],
        [sentence(str(code)) for code in found.get("cautions") or [] if code not in codes],
        [phase_words(name) for name in names],
        lines,
        notes.reasons,
        [_percent((found.get("chances") or {}).get(name)) for name in names if found.get("chances")],
        {lag: _percent(weight) for lag, weight in (found.get("delays") or {}).items()},
        _percent(found.get("named_from")),
    )


def _percent(share: float | None) -> str:
    """A share in whole percent; what is not quite none or all says so."""
    if share is None:
        return "—"
    return "< 1 %" if 0 < share < 0.01 else "> 99 %" if 0.99 < share < 1 else f"{100 * share:.0f} %"
