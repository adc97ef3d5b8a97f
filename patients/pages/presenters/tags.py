"""States in a word with a sign, for `components/tag.html`: never a colour alone."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True, slots=True)
class Tag:
    """A state: its word, the sign beside it, and the kind that gives it its colour."""

    word: str | Promise
    icon: str
    kind: str = "plain"

    @property
    def icon_template(self) -> str:
        return f"components/icons/{self.icon}.html"


DIED = Tag(_("Died"), "died", "gone")
INACTIVE = Tag(_("Inactive"), "inactive")
MERGED = Tag(_("Merged"), "merged")
ENTERED_IN_ERROR = Tag(_("Entered in error"), "inactive")
