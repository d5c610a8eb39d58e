"""Why a number is missing, in words: the reason codes of the healing tables as a reader meets them."""

REASON_SENTENCES: dict[str, str] = {
    "synthetic_films_only": "the films are synthetic and enter no figure",
    "fewer_than_2_values": "fewer than two values",
    "fewer_than_3_values": "fewer than three values",
    "days_not_apart": "the values do not lie on different days",
    "no_range": "no range is printed",
    "no_upper_limit": "no upper limit is printed",
    "value_not_positive": "a value is not above zero",
    "no_film": "there is no film",
    "no_graded_film": "no film is graded",
    "no_film_at_both_ends": "no graded film of the same bone and side at both ends",
    "side_not_known": "the side of the films is not known",
    "no_graded_wrist_film": "no wrist film is graded",
    "radius_and_ulna_not_both_graded": "radius and ulna are not both graded",
    "no_visit_with_all_analytes": "no visit has all the values that are needed",
    "needs_the_knee": "needs the knee, which is not graded",
    "no_separating_film": "no films separate the phases",
    "no_phase_clearly_ahead": "no phase is clearly ahead of the others",
    "depends_on_the_delay": "which phase is ahead depends on the delay between therapy and bone",
    "another_phase_at_8_weeks": "with a delay of 8 weeks another phase is ahead",
    "one_phase_only": "there is only one phase",
    "no_phase": "no phase is known",
    "fixed_order": "the phases came in a fixed order",
    "concurrent_therapy": "other drugs were given at the same time",
    "one_family": "all patients are of one family",
    "values_shared_with_a_relative": "values are shared with a relative and not independent",
    "no_earlier_film": "there is no earlier film of this bone",
    "another_bone_or_side": "the earlier film shows another bone or side",
    "not_graded": "not graded",
    "not_scored": "not scored",
    "fewer_than_10_families": "fewer than ten families",
    "not_reached": "not reached by half of the patients",
    "no_spread": "all patients changed alike",
    "interval_not_carried_by_resamples": "no interval: many resamples of the families give no value",
    "overlap_zero": "the intervals do not overlap",
}


def sentence(code: str) -> str:
    """A reason in words; an unknown one with spaces for its underscores.

    Examples
    --------
    >>> sentence("needs_the_knee"), sentence("shaft_off_film")
    ('needs the knee, which is not graded', 'shaft off film')
    """
    return REASON_SENTENCES.get(code, code.replace("_", " "))


def sentences(codes: str) -> str:
    """``;``-separated reasons as one phrase."""
    return "; ".join(sentence(code.strip()) for code in codes.split(";") if code.strip())
