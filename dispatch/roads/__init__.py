"""Streets as numbers: travel matrices, route lines, snapping and turn lists, from OSRM or as the crow flies.

Pure: no Django, no clock, no settings. `dataset.open_roads` chooses the engine, `build.build_roads` makes a
dataset from an OpenStreetMap extract, `base` holds every type that callers see.
"""
