"""What a person at the terminal can do something about."""


class Trouble(Exception):
    """A start that cannot go on: one clear sentence on the cause and what to do, shown without traceback."""
