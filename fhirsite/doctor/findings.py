"""What a check found."""

import enum
from dataclasses import dataclass


class Level(enum.StrEnum):
    FINE = "fine"
    WARNING = "warning"
    WRONG = "wrong"


@dataclass(frozen=True, slots=True)
class Finding:
    """One sentence on one subject, and what mends it if it is not fine."""

    subject: str
    says: str
    level: Level = Level.FINE
    mend: str = ""


def wrong(subject: str, says: str, mend: str) -> Finding:
    return Finding(subject, says, Level.WRONG, mend)


def warning(subject: str, says: str, mend: str) -> Finding:
    return Finding(subject, says, Level.WARNING, mend)
