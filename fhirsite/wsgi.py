"""The web server's way in."""

from django.conf import settings
from django.core.wsgi import get_wsgi_application

from fhirsite.embedded.processes.lifetime import end_with_parent, ending_when_asked
from fhirsite.head_requests import HeadRequests
from fhirsite.request_bodies import RequestBodies

# A worker whose master was killed must not go on answering on its port.
end_with_parent()

with ending_when_asked():
    application = HeadRequests(RequestBodies(get_wsgi_application(), longest=settings.MAX_BODY_BYTES))
