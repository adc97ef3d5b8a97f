"""The web server's way in."""

import gc

from django.conf import settings
from django.core.wsgi import get_wsgi_application

from fhirsite.checks import told_in_one_line
from fhirsite.embedded.processes.lifetime import end_with_parent, ending_when_asked
from fhirsite.head_requests import HeadRequests
from fhirsite.request_bodies import RequestBodies


def _take_up_what_was_recorded() -> None:
    """Move what processes before this one have left of the audit."""
    from patients.audit import lifetime  # needs the applications that Django has loaded

    lifetime.drain_in_background()


# A worker whose master was killed must not go on answering on its port.
end_with_parent()

with ending_when_asked(), told_in_one_line():
    application = HeadRequests(RequestBodies(get_wsgi_application(), longest=settings.MAX_BODY_BYTES))

_take_up_what_was_recorded()

# What is loaded by now stays. A bundle makes a hundred thousand objects in no circle; the collector, which
# would look at all of them again and again, comes less often: still every few large requests.
gc.freeze()
gc.set_threshold(10_000, 10, 10)
