"""The coordinators' pages for meetings: list, dossier, steps, year plan, outbox, overview."""

from meetings.admin import boxes, incoming, mail_texts, meeting, outbox, preparation, records

__all__ = ["boxes", "incoming", "mail_texts", "meeting", "outbox", "preparation", "records"]
