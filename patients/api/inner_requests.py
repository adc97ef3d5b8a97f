"""An entry of a bundle as a request of its own."""

from typing import Any

from django.core.handlers.wsgi import WSGIRequest

from patients.access import Channel


class InnerRequest(WSGIRequest):
    """A request that another brought: it comes from whoever sent that, through the same door."""

    def __init__(self, environ: dict[str, Any], *, sender: Any, channel: Channel, request_id: str) -> None:
        super().__init__(environ)
        # What the middleware gives a request.
        self.user = sender
        self.request_id = request_id
        self.channel = channel
