"""Days that are too large for one search: cut into parts, searched side by side, joined, cut anew across the seams."""

from .cut import Part, cut
from .join import join
from .rounds import solve_parts
from .task import RunAll, Task
from .ways import Places, Table, Ways

__all__ = ["Part", "Places", "RunAll", "Table", "Task", "Ways", "cut", "join", "solve_parts"]
