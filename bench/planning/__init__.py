"""The planner beside plain PyVRP, VROOM and OR-Tools: ``python -m bench.planning --help``."""
