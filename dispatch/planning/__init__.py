"""The planner: a problem in, a verified plan out. Needs numpy, PyVRP and OR-Tools, and nothing else of this
repository.
"""
