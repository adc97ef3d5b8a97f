"""The web server's way in."""

from django.core.wsgi import get_wsgi_application

from fhirsite.embedded.lifetime import end_with_parent

# A worker whose master was killed must not go on answering on its port.
end_with_parent()

application = get_wsgi_application()
