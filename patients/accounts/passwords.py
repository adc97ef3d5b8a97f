"""How passwords are kept."""

from django.contrib.auth.hashers import Argon2PasswordHasher


class PasswordHasher(Argon2PasswordHasher):
    """Argon2id at a cost of OWASP's table, which takes 46 MiB and not Django's 100 for each log-in under way.

    HTTP Basic pays it with each request, and whoever knows no password can ask for it too.
    https://cheatsheetseries.owasp.org/cheatsheets/Password_Storage_Cheat_Sheet.html#argon2id
    """

    time_cost = 1
    memory_cost = 47_104
    parallelism = 1
