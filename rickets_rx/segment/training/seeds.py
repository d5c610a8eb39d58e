"""The words of the trainings and the seeds each may have, so that no film of the studies is learned from."""

from rickets_rx.errors import UsageError

NETWORKS = ("film", "wrist", "elbow")
"""Networks that search for places."""
SEARCH = {**{name: (name,) for name in NETWORKS}, "all": NETWORKS}
"""Networks that each word of the search names, in order."""
HIGHEST = {**dict.fromkeys(SEARCH, 30), "margin": 90, "guard": 19, "grade": 3979}
"""Highest seed of each training whose phantoms are all numbered below 400 million: those from there on are
kept for studies. A seed s draws from: (10 s + 1..6) million (the search); (300 + s + 1..7) million (the
margin); (380 + s) million (the guard); 2 million + 100 000 s (grade). Simulated courses of a trial with
seed t lie at 10 (t + 1) million (`healing.trial_plan`): t is to be chosen clear of the seeds trained with."""


def check_seed(word: str, seed: int) -> None:
    """Refuse a seed that would draw films of studies.

    Parameters
    ----------
    word : str
        One of `HIGHEST`.
    seed : int

    Raises
    ------
    UsageError
        Names the range, for a seed outside of it.
    """
    if not 0 <= seed <= HIGHEST[word]:
        raise UsageError(f"train {word}: the seed lies within 0-{HIGHEST[word]}, not {seed}")
