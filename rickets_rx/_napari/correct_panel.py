"""The Correct tab: tools, side and bone, override, and old and new values side by side."""

from qtpy.QtWidgets import (
    QButtonGroup,
    QComboBox,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from rickets_rx._napari.desk import Desk, in_words
from rickets_rx._napari.panels import MeasuresTable, bone_name
from rickets_rx._napari.tools import HINTS, Tool
from rickets_rx.grade.result import GRADES
from rickets_rx.review import mend
from rickets_rx.review.source import Place
from rickets_rx.vocabulary import BONES_OF_JOINT, JOINT_OF_BONE, Bone, Joint, Side

_TOOL_KEYS = {Tool.LOOK: "L", Tool.CORNERS: "C", Tool.PULL: "M", Tool.DRAW: "D", Tool.BRUSH: "G"}


class CorrectPanel(QWidget):
    """Mends the active bone of the desk's film."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.desk = desk
        self.bone = QLabel()
        self.tools = QButtonGroup(self)
        self.buttons = {tool: self._tool_button(tool) for tool in Tool}
        self.use_paint = QPushButton("Use paint")
        self.use_paint.clicked.connect(lambda: desk.view.use_paint())
        self.side, self.name = QComboBox(), QComboBox()
        self.side.addItems(["side unknown", *Side])
        self.side.activated.connect(lambda _: self.side_callback())
        self.name.activated.connect(lambda _: self.name_callback())
        self.joint = QComboBox()
        self.joint.addItems([f"film of a {joint}" for joint in Joint])
        self.joint.activated.connect(self.joint_callback)
        self.remove = QPushButton("No bone end here")
        self.remove.clicked.connect(self.remove_callback)
        self.reason = QLineEdit()
        self.reason.setPlaceholderText("Reason in words (for an override or a bone taken out)")
        self.grade = QComboBox()
        self.grade.addItems([f"{grade:g}" for grade in GRADES])
        self.override = QPushButton("Override grade")
        self.override.setToolTip("Put this grade in place of the machine's in scores.csv; give the reason")
        self.override.clicked.connect(self.override_callback)
        self.table = MeasuresTable()
        self.table.setMinimumHeight(80)
        self._lay_out()

    def _tool_button(self, tool: Tool) -> QPushButton:
        key = f" ({_TOOL_KEYS[tool]})" if tool in _TOOL_KEYS else ""
        button = QPushButton(f"{str(tool).capitalize()}{key}")
        button.setCheckable(True)
        button.setToolTip(HINTS[tool])
        button.clicked.connect(lambda _=False: self.take(tool))
        self.tools.addButton(button)
        return button

    def _lay_out(self) -> None:
        tools = QGridLayout()
        for at, button in enumerate((*self.buttons.values(), self.use_paint)):
            tools.addWidget(button, at // 3, at % 3)
        names = QHBoxLayout()
        for widget in (self.side, self.name, self.joint):
            names.addWidget(widget)
        override = QHBoxLayout()
        for part in (self.grade, self.override, self.remove):
            override.addWidget(part)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(4, 4, 4, 4)
        layout.addWidget(self.bone)
        layout.addLayout(tools)
        layout.addLayout(names)
        layout.addWidget(self.reason)
        layout.addLayout(override)
        layout.addWidget(self.table, 1)

    def take(self, tool: Tool) -> None:
        """Take up a tool."""
        self.buttons[tool].setChecked(True)
        self.desk.view.take(tool)

    @in_words
    def side_callback(self) -> None:
        place, session = self._place(), self.desk.session
        if place is not None and session is not None:
            text = self.side.currentText()
            mend.change_side(session, place, Side(text) if text in tuple(Side) else None, self.reason.text())

    @in_words
    def name_callback(self) -> None:
        place, session = self._place(), self.desk.session
        if place is not None and session is not None:
            mend.change_bone(session, place, Bone(self.name.currentData()), self.reason.text())
            self.desk.view.refresh()

    @in_words
    def joint_callback(self, index: int) -> None:
        if self.desk.session is not None:
            self.desk.session.ask_joint(tuple(Joint)[index])

    @in_words
    def override_callback(self) -> None:
        place, session = self._place(), self.desk.session
        if place is not None and session is not None:
            session.override(place, float(self.grade.currentText()), self.reason.text())
            self.reason.clear()
            self.desk.say("The grade in scores.csv is overridden; your reading is not changed by it.")

    @in_words
    def remove_callback(self) -> None:
        place, session = self._place(), self.desk.session
        if place is not None and session is not None:
            mend.remove_bone(session, place, self.reason.text())
            self.reason.clear()
            self.desk.view.refresh()

    def _place(self) -> Place | None:
        return self.desk.view.active_place()

    def refresh(self) -> None:
        """Show the active bone: its values, its side, its name."""
        place, session = self._place(), self.desk.session
        visible = place is not None and session is not None and session.machine_visible(place.image_sha256)
        for widget in (
            *self.buttons.values(),
            self.use_paint,
            self.side,
            self.name,
            self.override,
            self.remove,
        ):
            widget.setEnabled(visible)
        if place is None or session is None:
            self.bone.setText("No bone is active.")
            self.table.setRowCount(0)
            return
        self.bone.setText(
            f"<b>{bone_name(place)}</b>" + ("" if visible else ": hidden until you have read it")
        )
        if not visible:
            self.table.setRowCount(0)
            return
        old, new = mend.side_by_side(session, place)
        self.table.refresh((old, new))
        side = (new or old or {}).get("side")
        self.side.setCurrentIndex(0 if side is None else 1 + list(Side).index(Side(side)))
        self.name.clear()
        for bone in BONES_OF_JOINT[JOINT_OF_BONE[place.bone]]:
            self.name.addItem(str(bone).replace("_", " "), str(bone))
        self.name.setCurrentIndex(list(BONES_OF_JOINT[JOINT_OF_BONE[place.bone]]).index(place.bone))
        self.joint.setVisible(not session.film().rows)
