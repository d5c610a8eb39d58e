"""What a drag on the film does, and what the reader is told of it."""

from enum import StrEnum


class Tool(StrEnum):
    """What a drag on the film does."""

    LOOK = "look"
    CORNERS = "corners"
    PULL = "pull margin"
    DRAW = "draw margin"
    BRUSH = "brush"
    ADD = "add bone"


#: What to do next, said when a tool is taken up.
HINTS = {
    Tool.LOOK: "Drag to move the film, roll to zoom.",
    Tool.CORNERS: "Drag a corner. Grade and measures follow when you let go.",
    Tool.PULL: "Drag a point of the yellow margin; what lies between follows.",
    Tool.DRAW: "Hold the left button and draw along the margin; a part of it is enough, the rest stays.",
    Tool.BRUSH: "Paint the bone; E erases and paints in turn. Then press 'Use paint'.",
    Tool.ADD: "Click the ulnar (medial) corner, the other corner, then a point on the shaft.",
}
