"""The network in the work area: address book, organisations, projects, regions, words, accounts."""

from regions.admin import accounts, holidays, imports, network, people, places, programme, vocabulary

__all__ = ["accounts", "holidays", "imports", "network", "people", "places", "programme", "vocabulary"]
