"""Words of the review that a reader sees."""

from enum import StrEnum


class ReadStatus(StrEnum):
    """What became of a bone or a film in this reader's hands. ``READ`` is for pairs and refused films."""

    UNREAD = "unread"
    ACCEPTED = "accepted"
    CORRECTED = "corrected"
    NOT_GRADABLE = "not gradable"
    READ = "read"


#: Anchors of a reading of change; Whyte et al. 2012 and its use in X-linked hypophosphataemia.
CHANGE_WORDS = {
    -3: "severe worsening",
    -2: "moderate worsening",
    -1: "minimal worsening",
    0: "no change",
    1: "minimal healing",
    2: "substantial healing",
    3: "near-complete or complete healing",
}
#: Grades of one wrist bone, in Thacher's words; the half grades as later trials read them.
GRADE_WORDS = {
    0.0: "normal",
    0.5: "lucency of the margin, no fraying or irregularity",
    1.0: "widened growth plate, irregular margin, no concave cupping",
    1.5: "partial concavity, or incomplete fraying",
    2.0: "cupping with fraying of the margin",
}
KNEE_A_WORDS = {
    0: "normal",
    1: "partial lucency, smooth margin visible",
    2: "partial lucency, smooth margin not visible",
    3: "complete lucency, epiphysis widely separated",
}
KNEE_B_WORDS = {0.5: "one condyle or plateau", 1.0: "both condyles or plateaus"}
