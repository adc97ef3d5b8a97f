"""Whether a web listener answers."""

import http.client
import ipaddress
import ssl

_TIMEOUT_SECONDS = 2
_IPV4 = 4


def answers_http(host: str, port: int, *, is_tls: bool) -> bool:
    """Whether something that speaks HTTP is there and is not failing."""
    connection = _connection(host, port, is_tls=is_tls)
    try:
        connection.request("GET", "/livez", headers={"Host": "localhost"})
        return connection.getresponse().status < http.client.INTERNAL_SERVER_ERROR
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def loopback_of(bind: str) -> str:
    """Where this machine reaches a listener that is bound to all its addresses."""
    try:
        address = ipaddress.ip_address(bind)
    except ValueError:
        return bind
    if not address.is_unspecified:
        return bind
    return "127.0.0.1" if address.version == _IPV4 else "::1"


def _connection(host: str, port: int, *, is_tls: bool) -> http.client.HTTPConnection:
    if not is_tls:
        return http.client.HTTPConnection(host, port, timeout=_TIMEOUT_SECONDS)
    # The certificate is our own: that it answers is the question, not who it is.
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return http.client.HTTPSConnection(host, port, timeout=_TIMEOUT_SECONDS, context=context)
