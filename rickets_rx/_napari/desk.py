"""One reader's desk in one viewer: the session, what is shown of it, and the signals that widgets follow."""

from collections.abc import Callable
from functools import wraps
from inspect import signature
from pathlib import Path
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from qtpy.QtCore import QObject, Signal

from rickets_rx.errors import RicketsError
from rickets_rx.review.session import Session

if TYPE_CHECKING:
    from napari.viewer import Viewer


class Desk(QObject):
    """Holds what all docks of one viewer share. Widgets call the session; the desk tells them it changed.

    Signals
    -------
    opened : a session was opened or closed
    shown : another film or pair is shown
    changed : a step was taken, undone or redone
    said : (text, is_error) for the message line
    """

    opened = Signal()
    shown = Signal()
    changed = Signal()
    said = Signal(str, bool)

    def __init__(self, viewer: "Viewer") -> None:
        super().__init__()
        from rickets_rx._napari.film_view import FilmView

        self.viewer = viewer
        self.session: Session | None = None
        self.case_dir: Path | None = None
        self.active = 0
        self.view: FilmView = FilmView(self)
        viewer.window._qt_window.destroyed.connect(self._on_window_gone)

    def open(self, session: Session, case_dir: Path | None = None) -> None:
        """Sit down to a session; one that was open is closed."""
        self.close()
        self.session, self.case_dir = session, case_dir
        session.on_change.append(self.changed.emit)
        self.opened.emit()
        self.show_item()
        for note in session.notes[:1]:
            more = f" ({len(session.notes) - 1} more notes)" if len(session.notes) > 1 else ""
            self.say(f"{note}{more}", error=True)

    def close(self) -> None:
        """Let the session and its record go."""
        if self.session is not None:
            self.session.close()
            self.session = None
            self.view.clear()
            self.opened.emit()

    def _on_window_gone(self) -> None:
        """Let the record go with the window, so that the reader can open it in another one."""
        if self.session is not None:
            self.session.close()

    def show_item(self, index: int | None = None) -> None:
        """Show an item of the queue, the current one by default."""
        if self.session is None:
            return
        if index is not None:
            self.session.go(index)
        self.active = 0
        self.view.show()
        self.shown.emit()

    def step(self, by: int, only: Any = None) -> None:
        """Show the next or previous item that passes a filter."""
        from rickets_rx.review.queue import Filter

        if self.session is None:
            return
        if self.session.step(by, only or Filter.ALL):
            self.show_item()
        else:
            self.say("No further film here." if by > 0 else "This is the first film here.")

    def say(self, text: str, *, error: bool = False) -> None:
        """Show a message in words to the reader."""
        self.said.emit(text, error)


_DESKS: "WeakKeyDictionary[Viewer, Desk]" = WeakKeyDictionary()


def desk_of(viewer: "Viewer") -> Desk:
    """The desk of a viewer; all docks of the viewer share it."""
    # napari hands plugins a proxy of its viewer; the thing behind it is what docks share.
    real = getattr(viewer, "__wrapped__", viewer)
    if real not in _DESKS:
        _DESKS[real] = Desk(real)
    return _DESKS[real]


def in_words(callback: Callable[..., None]) -> Callable[..., None]:
    """For callbacks of widgets with a ``desk``: what a user can mend is said in words, not as traceback.

    Qt hands what it likes to a wrapped callback (whether a button is checked); what it does not ask for is
    dropped.
    """
    asked = list(signature(callback).parameters.values())
    anything = any(one.kind is one.VAR_POSITIONAL for one in asked)

    @wraps(callback)
    def wrapped(self: Any, *args: Any, **kwargs: Any) -> None:
        try:
            callback(self, *(args if anything else args[: len(asked) - 1]), **kwargs)
        except RicketsError as error:
            self.desk.say(str(error), error=True)
        except OSError as error:
            self.desk.say(f"{error.filename or 'A file'}: {error.strerror or error}", error=True)

    return wrapped
