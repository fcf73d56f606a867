"""Job: Träger, projects and contacts from an Excel workbook, and out into one with the same columns.

reading.py (bytes → texts), checking.py (texts → what would happen), applying.py (do it, take it back);
columns.py says what stands in which column. Why undoing works by revision: docs/decisions.
"""

from regions.contact_import.applying import ImportRefused, ResultChanged, apply, plan, undo, upload
from regions.contact_import.reading import WorkbookError

__all__ = ["ImportRefused", "ResultChanged", "WorkbookError", "apply", "plan", "undo", "upload"]
