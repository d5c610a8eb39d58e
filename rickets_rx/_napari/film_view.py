"""The shown film in the viewer: owns the layers, and turns what a reader does with them into corrections."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
from qtpy.QtCore import QTimer

from rickets_rx._napari.camera import look_at
from rickets_rx._napari.compat import camera_of, scale_bar_of
from rickets_rx._napari.desk import in_words
from rickets_rx._napari.reader import film_layer
from rickets_rx._napari.shapes import (
    corner_points,
    handles_of,
    outline_lines,
    pulled,
    rows_columns,
    traced,
)
from rickets_rx._napari.tool_layers import mask_of, paint_label, paint_layer, pen_layer, points_layer
from rickets_rx._napari.tools import HINTS, Tool
from rickets_rx.errors import RicketsError
from rickets_rx.report.palette import CHORD, MARGIN, ORANGE
from rickets_rx.review import mend
from rickets_rx.review.source import Place
from rickets_rx.segment.frame import BoneFrame
from rickets_rx.segment.metaphysis import Metaphysis

if TYPE_CHECKING:
    from rickets_rx._napari.desk import Desk

FILM, OUTLINES, CORNERS, MARGIN_TOOL, PAINT, NEW = (
    "film",
    "outlines",
    "corners",
    "margin",
    "paint",
    "new bone",
)
#: As napari's mouse events count buttons.
LEFT_BUTTON = 1
_TOOL_LAYERS = (CORNERS, MARGIN_TOOL, PAINT, NEW)
_LAYER_OF_TOOL = {
    Tool.CORNERS: CORNERS,
    Tool.PULL: MARGIN_TOOL,
    Tool.DRAW: MARGIN_TOOL,
    Tool.BRUSH: PAINT,
    Tool.ADD: NEW,
}
#: Layers that belong to the review and leave with it.
OWN_LAYERS = (FILM, OUTLINES, *_TOOL_LAYERS)


class FilmView:
    """Layers of the film on a desk.

    Parameters
    ----------
    desk : Desk
    """

    def __init__(self, desk: "Desk") -> None:
        self.desk = desk
        self.tool = Tool.LOOK
        self.overlay = True
        self._places: list[Place] = []
        self._quiet = False
        # By reference, not by name: a reader may rename a layer, or have one of her own called the same.
        self._own: dict[str, Any] = {}
        self._held: tuple[Tool, Place | None] | None = None
        self._painted: Metaphysis | None = None
        desk.viewer.layers.events.removed.connect(self._on_layer_removed)

    # --- showing -------------------------------------------------------------------------------------

    @in_words
    def show(self) -> None:
        """Show the session's item anew: the film, and its outlines where they may be seen."""
        session = self.desk.session
        if session is None or session.item.is_pair:
            self.clear()
            return
        self._show_film()
        self.refresh()
        self.look_at_bones()

    def _show_film(self) -> None:
        try:
            self._draw_film()
        except RicketsError:
            # No other child's film stays under this one's name.
            self.clear()
            raise

    def _draw_film(self) -> None:
        assert self.desk.session is not None
        radiograph = self.desk.session.radiograph()
        data, said, _ = film_layer(radiograph)
        with self._silence():
            if FILM in self._own:
                # In place: napari takes a second to remove a layer and make another.
                layer = self._own[FILM]
                layer.data, layer.name = data, FILM
                layer.contrast_limits = said["contrast_limits"]
                layer.scale, layer.units = said["scale"], said["units"]
                for name in (OUTLINES, *_TOOL_LAYERS):
                    self._like(name)
            else:
                # The name in the layer list would tell a blinded reader the child; so would the metadata.
                layer = self.desk.viewer.add_image(data, **(said | {"name": FILM, "metadata": {}}))
                self._keep(FILM, layer)
            scale_bar_of(self.desk.viewer).visible = radiograph.spacing.mm is not None

    def _like(self, name: str) -> None:
        """Give a layer the scale of the film that is shown now."""
        if name in self._own:
            layer, like = self._own[name], self._like_film()
            layer.scale, layer.units = like["scale"], like["units"]

    @in_words
    def refresh(self) -> None:
        """Draw outlines and tools of the shown film as they are now; the film itself stays."""
        with self._silence():
            bones = self.bones() if FILM in self._own else {}
            self._places = list(bones)
            self._draw_outlines(bones if self.overlay else {})
            self._draw_tool(bones)

    def bones(self) -> dict[Place, Metaphysis]:
        """Traced bones of the shown film that may be seen now."""
        session = self.desk.session
        if session is None or session.item.is_pair or not session.machine_visible():
            return {}
        found = traced(session.film().score())
        return {replace(at, image_sha256=session.item.image_sha256): bone for at, bone in found.items()}

    def clear(self) -> None:
        """Take the review's layers off the viewer."""
        self._held = None
        with self._silence():
            for name in OWN_LAYERS:
                self._remove(name)

    @in_words
    def look_at_bones(self) -> None:
        """Show all traced bones large, also to a blinded reader: a place is no grade."""
        self.desk.viewer.reset_view()
        session = self.desk.session
        if session is None or session.item.is_pair:
            return
        self._look_at([bone.frame for bone in traced(session.film().score()).values()])

    @in_words
    def focus(self, place: Place) -> None:
        """Look closely at one bone end; does nothing where it has no outline."""
        bone = self.bones().get(place)
        if bone is not None:
            self._look_at([bone.frame])

    def _look_at(self, frames: list[BoneFrame]) -> None:
        """Fit the surroundings of bone ends into the canvas."""
        if not frames or FILM not in self._own:
            return
        look_at(self.desk.viewer, self._own[FILM], frames)

    # --- tools ---------------------------------------------------------------------------------------

    def take(self, tool: Tool) -> None:
        """Take up a tool; its layer becomes the active one."""
        self.tool = tool
        self.refresh()
        self.desk.say(HINTS[tool])

    def active_place(self) -> Place | None:
        """The bone that the reader's keys mean."""
        session = self.desk.session
        if session is None or session.item.is_pair:
            return None
        places = session.places()
        return places[min(self.desk.active, len(places) - 1)] if places else None

    def _draw_outlines(self, bones: dict[Place, Metaphysis]) -> None:
        """The lines of every bone, in place where they are there: a drag must not wait for a new layer."""
        if not bones:
            self._remove(OUTLINES)
            return
        assert self.desk.session is not None
        lines = outline_lines(self.desk.session.film().score())
        if OUTLINES not in self._own:
            # Lines lie under the tool: it is laid on them anew.
            self._put_down()
            layer = self.desk.viewer.add_shapes(name=OUTLINES, ndim=2, **self._like_film())
            layer.editable = False
            self._keep(OUTLINES, layer)
        layer = self._own[OUTLINES]
        layer.data = []
        layer.add_paths(lines.data, edge_color=lines.colours, edge_width=self._line_width())
        layer.selected_data = set()

    def _put_down(self) -> None:
        """Take the layers of the tool away."""
        self._held = None
        for name in _TOOL_LAYERS:
            self._remove(name)

    def _draw_tool(self, bones: dict[Place, Metaphysis]) -> None:
        """The layer of the tool: moved in place while tool and bone are the same, else made anew."""
        place = self.active_place()
        bone = None if place is None else bones.get(place)
        held = (self.tool, None if self.tool is Tool.CORNERS else place)
        names = [name for name in _TOOL_LAYERS if name in self._own]
        usable = bool(bones) if self.tool is Tool.CORNERS else bone is not None
        if held == self._held and names and (usable or self.tool is Tool.ADD):
            self._move_tool(self._own[names[0]], bones, bone)
        else:
            self._put_down()
            self._add_tool(bones, bone, place)
            self._held = held
        tools = [self._own[name] for name in _TOOL_LAYERS if name in self._own]
        active = tools[0] if tools else self._own.get(FILM)
        if active is not None and self.desk.viewer.layers.selection.active is not active:
            self.desk.viewer.layers.selection.active = active

    def _move_tool(self, layer: Any, bones: dict[Place, Metaphysis], bone: Metaphysis | None) -> None:
        """Bring the tool's layer to what stands now. Paint and clicks in progress stay as they are."""
        if self.tool is Tool.CORNERS:
            layer.data = corner_points(bones)
        elif self.tool is Tool.PULL and bone is not None:
            layer.data = rows_columns(handles_of(bone)[1:-1])
        elif self.tool is Tool.DRAW:
            layer.data = []
        elif self.tool is Tool.BRUSH and bone is not None:
            if self._painted is None or not _same_end(self._painted, bone):
                layer.data = self._mask_of(bone)
        elif self.tool is Tool.ADD and len(layer.data) >= 3:
            layer.data = np.zeros((0, 2))

    def _add_tool(self, bones: dict[Place, Metaphysis], bone: Metaphysis | None, place: Place | None) -> None:
        if FILM not in self._own:
            return
        viewer, width, like = self.desk.viewer, self._line_width(), self._like_film()
        if self.tool is Tool.CORNERS and bones:
            layer = points_layer(viewer, CORNERS, corner_points(bones), 9 * width, CHORD.hex, **like)
            layer.events.data.connect(self._on_corner_moved)
        elif self.tool is Tool.PULL and bone is not None:
            handles = rows_columns(handles_of(bone)[1:-1])
            layer = points_layer(viewer, MARGIN_TOOL, handles, 6 * width, MARGIN.hex, **like)
            layer.events.data.connect(self._on_handle_moved)
        elif self.tool is Tool.DRAW and bone is not None:
            layer = pen_layer(viewer, MARGIN_TOOL, width, self._on_pen, **like)
            layer.events.data.connect(self._on_line_drawn)
        elif self.tool is Tool.BRUSH and bone is not None:
            layer = paint_layer(viewer, PAINT, self._mask_of(bone), bone.frame.width / 25, **like)
        elif self.tool is Tool.ADD and place is not None:
            layer = points_layer(viewer, NEW, np.zeros((0, 2)), 6 * width, ORANGE.hex, **like)
            layer.mode = "add"
            layer.events.data.connect(self._on_point_added)
        else:
            return
        self._keep(_LAYER_OF_TOOL[self.tool], layer)

    def _mask_of(self, bone: Metaphysis) -> npt.NDArray[np.uint8]:
        """The bone end as paint to start from."""
        assert self.desk.session is not None
        self._painted = bone
        return mask_of(bone, self.desk.session.radiograph().shape)

    def _keep(self, name: str, layer: Any) -> None:
        """Remember a layer as the review's own; napari's hints name keys that are grades here."""
        self._own[name] = layer
        layer.help = ""

    def swap_brush(self) -> None:
        """Let the brush erase instead of painting, or paint again."""
        layer = self._own.get(PAINT)
        if layer is None:
            self.desk.say("Take up the brush first (G).", error=True)
            return
        layer.mode = "paint" if str(layer.mode) == "erase" else "erase"
        layer.help = ""
        self.desk.say("The brush erases now." if str(layer.mode) == "erase" else "The brush paints now.")

    # --- what a reader did ---------------------------------------------------------------------------

    def _on_layer_removed(self, event: Any) -> None:
        """A layer of the review that was deleted by hand comes back: without it keys would mean nothing."""
        if not self._quiet and any(layer is event.value for layer in self._own.values()):
            QTimer.singleShot(0, self._restore)

    def _restore(self) -> None:
        camera = camera_of(self.desk.viewer)
        seen = tuple(camera.center), camera.zoom
        self.clear()
        self.show()
        camera.center, camera.zoom = seen
        self.desk.say("That layer belongs to the review and is shown again.")

    def _stray(self, event: Any) -> bool:
        """Whether points were added or deleted, which no tool here does: what stands is drawn again."""
        if self._quiet or str(event.action) in ("changing", "adding", "removing"):
            return True
        if str(event.action) != "changed":
            QTimer.singleShot(0, self.refresh)
            return True
        return False

    def _on_corner_moved(self, event: Any) -> None:
        if self._stray(event):
            return
        for index in sorted({i // 2 for i in event.data_indices}):
            corners = rows_columns(np.asarray(event.source.data)[2 * index : 2 * index + 2])
            self._mend(mend.drag_corners, self._places[index], tuple(corners[0]), tuple(corners[1]))

    def _on_handle_moved(self, event: Any) -> None:
        place = self.active_place()
        if self._stray(event) or place is None:
            return
        bone = self.bones()[place]
        handles = handles_of(bone)
        handles[1:-1] = rows_columns(event.source.data)
        self._mend(mend.redraw_margin, place, pulled(bone.margin, handles))

    def _on_pen(self, layer: Any, event: Any) -> Iterator[None]:
        """Follow the pen while the button is held; where it is let go the line counts."""
        place = self.active_place()
        if place is None or event.button != LEFT_BUTTON:
            return
        points = [layer.world_to_data(event.position)]
        yield
        while event.type == "mouse_move":
            points.append(layer.world_to_data(event.position))
            with self._silence():
                layer.data = [(np.asarray(points), "path")]
            yield
        if len(points) < 3:
            self.desk.say(HINTS[Tool.DRAW])
        else:
            self._mend(mend.redraw_margin, place, rows_columns(points))

    def _on_line_drawn(self, event: Any) -> None:
        place = self.active_place()
        if self._quiet or str(event.action) != "added" or place is None:
            return
        self._mend(mend.redraw_margin, place, rows_columns(event.source.data[-1]))

    def _on_point_added(self, event: Any) -> None:
        place = self.active_place()
        if self._quiet or str(event.action) != "added" or place is None or len(event.source.data) < 3:
            return
        corner1, corner2, shaft = (tuple(point) for point in rows_columns(event.source.data)[:3])
        self._mend(mend.add_bone, place, corner1, corner2, shaft=shaft)

    def use_paint(self) -> None:
        """Take the painted bone over as the active bone's outline."""
        place = self.active_place()
        if PAINT not in self._own or place is None:
            self.desk.say("Take up the brush first (G).", error=True)
            return
        mask = np.asarray(self._own[PAINT].data)
        self._mend(mend.brush_mask, place, mask == paint_label(place.bone))

    def _mend(self, step: Any, place: Place, *args: Any, **kwargs: Any) -> None:
        """Take a step; on a refusal the layers go back to what stands. What was mended is active then."""
        self._activate(place)
        self._said_in_words(step, place, *args, **kwargs)
        self.refresh()

    def _activate(self, place: Place) -> None:
        session = self.desk.session
        places = () if session is None else session.places()
        if place in places:
            self.desk.active = places.index(place)

    @in_words
    def _said_in_words(self, step: Any, place: Place, *args: Any, **kwargs: Any) -> None:
        step(self.desk.session, place, *args, **kwargs)
        self.desk.say(f"{str(place.bone).replace('_', ' ').capitalize()} measured and graded anew.")

    # --- small things --------------------------------------------------------------------------------

    def _line_width(self) -> float:
        """A thin line, in pixels of the film: 1 % of its widest bone, or of a film without one less."""
        session = self.desk.session
        bones = {} if session is None else traced(session.film().score())
        if bones:
            return max(0.6, 0.01 * max(bone.frame.width for bone in bones.values()))
        return max(self._own[FILM].data.shape) / 600

    def _like_film(self) -> dict[str, Any]:
        layer = self._own[FILM]
        return {"scale": layer.scale, "units": layer.units}

    def _remove(self, name: str) -> None:
        layer = self._own.pop(name, None)
        if layer is not None and layer in self.desk.viewer.layers:
            self.desk.viewer.layers.remove(layer)

    @contextmanager
    def _silence(self) -> Iterator[None]:
        """What the program itself does to layers is no step of the reader."""
        before, self._quiet = self._quiet, True
        try:
            yield
        finally:
            self._quiet = before


def _same_end(one: Metaphysis, other: Metaphysis) -> bool:
    """Whether two bone ends have the same outline."""
    return one.bone is other.bone and np.array_equal(one.margin, other.margin)
