"""Numbers in the words that dispatchers use."""

from __future__ import annotations

from ..model import Window


def clock(seconds: int) -> str:
    """08:30 for 30,600; the next day is marked: 01:00+1."""
    days, rest = divmod(seconds, 86_400)
    text = f"{rest // 3600:02d}:{rest % 3600 // 60:02d}"
    return f"{text}{days:+d}" if days else text


def span(seconds: int) -> str:
    """12 min, 1 h 05 min, 40 s."""
    if seconds < 60:
        return f"{seconds} s"
    minutes = -(-seconds // 60)
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60:02d} min"


def window_words(windows: tuple[Window, ...]) -> str:
    """08:00-09:00 or 14:00-15:00."""
    return " or ".join(f"{clock(w.start)}-{clock(w.end)}" for w in windows)
