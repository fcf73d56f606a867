"""Pages of meetings: public, and behind a personal link."""
