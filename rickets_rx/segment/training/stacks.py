"""Draws of training examples that are tables of arrays, one row an example."""

from collections.abc import Sequence
from dataclasses import fields
from typing import Any, TypeVar

import numpy as np

Stack = TypeVar("Stack")


def joined(parts: Sequence[Stack]) -> Stack:
    """Several draws as one: every field of the dataclass one below the other, in the order given."""
    first: Any = parts[0]
    return type(parts[0])(*(np.concatenate([getattr(part, f.name) for part in parts]) for f in fields(first)))
