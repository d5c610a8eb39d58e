"""Builds SVG by hand: every attribute and text escaped, every coordinate written to a hundredth."""

from html import escape
from typing import Self


def coordinate(value: float | int | str) -> str:
    """A number with at most two decimals (same input, same bytes); text as it is."""
    if isinstance(value, str):
        return value
    # Adding 0.0 turns a rounded -0 into 0.
    return f"{round(value, 2) + 0.0:.2f}".rstrip("0").rstrip(".")


class Svg:
    """A growing list of elements. Attribute names use ``_`` for ``-``; ``class_`` stands for ``class``."""

    def __init__(self) -> None:
        self._parts: list[str] = []

    def add(
        self, tag: str, content: str | None = None, *, title: str = "", **attributes: float | str
    ) -> Self:
        """Append one element.

        Parameters
        ----------
        tag : str
        content : str, optional
            Text, escaped here.
        title : str
            What a pointer resting on the element, or a screen reader, tells.
        **attributes : float or str
        """
        inside = (f"<title>{escape(title)}</title>" if title else "") + escape(content or "")
        self._parts.append(
            f"<{tag}{_written(attributes)}>{inside}</{tag}>" if inside else self._empty(tag, attributes)
        )
        return self

    @staticmethod
    def _empty(tag: str, attributes: dict[str, float | str]) -> str:
        return f"<{tag}{_written(attributes)}/>"

    def open(self, tag: str, *, title: str = "", **attributes: float | str) -> Self:
        """Open a group; close it with `close`."""
        self._parts.append(
            f"<{tag}{_written(attributes)}>" + (f"<title>{escape(title)}</title>" if title else "")
        )
        return self

    def close(self, tag: str) -> Self:
        self._parts.append(f"</{tag}>")
        return self

    def __str__(self) -> str:
        return "\n".join(self._parts)


def _written(attributes: dict[str, float | str]) -> str:
    named = ((name.rstrip("_").replace("_", "-"), value) for name, value in attributes.items())
    return "".join(f' {name}="{escape(coordinate(value), quote=True)}"' for name, value in named)
