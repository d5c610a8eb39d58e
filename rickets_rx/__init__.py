"""Rickets at the metaphyses of children: radiographs and laboratory tables in, grades and a report out.

Research use only: not for diagnosis or treatment decisions.
"""

__version__ = "0.1.0"

RESEARCH_USE_ONLY = "Research use only. Not for diagnosis or treatment decisions."
