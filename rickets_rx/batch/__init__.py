"""Scoring of many films: from one to an archive, under faults, resumable."""

from rickets_rx.batch.outcome import FilmOutcome, FilmTask, Limits, Work
from rickets_rx.batch.requests import requests_of
from rickets_rx.batch.run import BatchResult, FilmEvent, score_films

__all__ = [
    "BatchResult",
    "FilmEvent",
    "FilmOutcome",
    "FilmTask",
    "Limits",
    "Work",
    "requests_of",
    "score_films",
]
