"""Keeping a copy of an installation, putting it back, and checking that what is there holds together."""
