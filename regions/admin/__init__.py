"""The network in the work area: address book, organisations, projects, regions, words, accounts."""

from regions.admin import accounts, figures, holidays, imports, network, people, places, programme, vocabulary

__all__ = ["accounts", "figures", "holidays", "imports", "network", "people", "places", "programme", "vocabulary"]
