"""Flags of a healing result in the order in which a reader needs them: by what they can spoil."""

from collections.abc import Iterable
from dataclasses import dataclass

from rickets_rx.report.course import Row, text

# Which kind of finding belongs where is ours. A code that is not listed stands with the notes.
GROUPS: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    (
        "Can change a conclusion",
        "Read these before any number above.",
        ("shared", "duplicate", "unit", "jump", "factor", "order", "uncertain"),
    ),
    (
        "The sources disagree",
        "The report says one thing here and another there; both are kept.",
        ("text", "conflict", "called", "claim", "contradict", "range", "normal", "platform"),
    ),
    ("Notes", "Worth knowing.", ()),
)


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
    for i, (_, _, stems) in enumerate(GROUPS):
        if any(stem in code for stem in stems):
            return i
    return len(GROUPS) - 1
