"""Bearer tokens of the API."""

from django.conf import settings
from django.db import models


class ApiToken(models.Model):
    """A personal token. Only its digest is kept: who reads the database cannot use it."""

    digest = models.BinaryField(unique=True, max_length=32)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="api_tokens")
    label = models.TextField(blank=True, default="")
    created = models.DateTimeField(auto_now_add=True)
    expires = models.DateTimeField()
    is_revoked = models.BooleanField(default=False)

    class Meta:
        db_table = "api_tokens"
        verbose_name = "API token"

    def __str__(self) -> str:
        return f"{self.user} {self.label}".strip()
