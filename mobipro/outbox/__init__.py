"""Every mail is a row here; each is handed to SMTP exactly once. Knows no app."""
