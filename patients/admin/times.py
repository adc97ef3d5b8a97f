"""Times as administrators need them: to the second, in the site's time zone."""

from datetime import datetime

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString


def shown_time(time: datetime) -> SafeString:
    """A time on one line."""
    return format_html('<span class="nowrap">{}</span>', date_format(timezone.localtime(time), "j M Y H:i:s"))
