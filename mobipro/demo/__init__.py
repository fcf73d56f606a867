"""The demo world: invented Träger and people, real Länder and occupations. Texts here, building in build_*.py."""
