"""Reading JSON strictly: whatever a body holds, the answer is a coded refusal, never a fault."""

import json
from typing import Any

from rest_framework.exceptions import ParseError
from rest_framework.parsers import JSONParser


class StrictJSON(JSONParser):
    """JSON without NaN or Infinity, without half characters, nested no deeper than Python can follow."""

    def parse(self, *args: Any, **kwargs: Any) -> Any:
        try:
            data = super().parse(*args, **kwargs)
            # Half a surrogate pair is legal JSON but no text: no answer and no database row could hold it.
            json.dumps(data, ensure_ascii=False).encode()
        except (RecursionError, UnicodeEncodeError) as error:
            raise ParseError("The JSON is nested too deeply or holds half a character.") from error
        return data
