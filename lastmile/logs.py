"""What is written to logs: never the part of an address that opens something."""

import logging
import re

SECRET = re.compile(
    r"(/(?:t|ws/track|enter|invitations?|invite|join|setup/first)/|/forgotten/[^/\s]+/)[^/\s\"'?]+"
)


class Redacted(logging.Formatter):
    """Writes every record, tracebacks included, with the tokens of links left out."""

    def format(self, record: logging.LogRecord) -> str:
        return SECRET.sub(r"\1…", super().format(record))
