"""The schedule walker as compiled code: one route in, every time, load, cent and broken rule out.

``world.py`` holds a problem as arrays, ``trace.py`` what is found out about one route, ``walk.py`` leads.
"""
