"""Flags of a healing result in the order in which a reader needs them: by what they can spoil."""

from collections.abc import Iterable
from dataclasses import dataclass

from rickets_rx.report.course import Row, text

# Which kind of finding belongs where is ours. A code that is not listed stands with the notes.
GROUPS: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    (
        "Can change a conclusion",
        "Values that are not independent, days or doses that are not sure, numbers that cannot be.",
        (
            "sibling_duplicate",
            "shared_values_at_other_interval",
            "ambiguous_day",
            "ambiguous_film_day",
            "contradicting_rows",
            "film_unreadable",
            "dose_unit_slip",
            "implausible_dose",
            "impossible_jump",
            "impossible_value",
            "repeated_row",
            "started_together",
            "unit_slip",
            "visits_out_of_order",
        ),
    ),
    (
        "The sources disagree",
        "The report says one thing here and another there; both are kept.",
        (
            "text_contradicts_table",
            "findings_conflict",
            "doses_contradict",
            "event_not_seen_in_values",
            "claim_without_value",
        ),
    ),
    (
        "Ranges and platforms",
        "What is called normal depends on these.",
        ("ranges_disagree", "platform_mismatch", "one_range_for_all_ages", "loinc_mismatch"),
    ),
    ("Notes", "Worth knowing.", ()),
)
_DISAGREE = 1


@dataclass(frozen=True)
class FlagGroup:
    """Flags of one weight, 0 the gravest."""

    weight: int
    title: str
    lead: str
    flags: list[Row]

    @property
    def count(self) -> int:
        return len(self.flags)


def grouped(flags: Iterable[Row]) -> list[FlagGroup]:
    """Sort flags into `GROUPS` by their code; empty groups are left out."""
    groups = [FlagGroup(weight, title, lead, []) for weight, (title, lead, _) in enumerate(GROUPS)]
    for flag in flags:
        groups[_group_of(text(flag.get("code")))].flags.append(flag)
    return [group for group in groups if group.flags]


def _group_of(code: str) -> int:
    # Opinions of the report on its own values: one code per opinion (called_normal_against_own_values, ...).
    if code.startswith("called_"):
        return _DISAGREE
    return next((i for i, (_, _, codes) in enumerate(GROUPS) if code in codes), len(GROUPS) - 1)
