"""Addresses, place search and map tiles out of one extract of OpenStreetMap; no Django, clock or settings."""
