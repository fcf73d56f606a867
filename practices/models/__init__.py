"""Good practice: what a Träger did, what came of it, and how others can do it too."""

from practices.models.practice import GoodPractice, PracticeFile, PracticeImage
from practices.models.review import PracticeRemark, PracticeSubmission

__all__ = ["GoodPractice", "PracticeFile", "PracticeImage", "PracticeRemark", "PracticeSubmission"]
