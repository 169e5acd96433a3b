from django.contrib.auth.hashers import Argon2PasswordHasher


class PortalArgon2PasswordHasher(Argon2PasswordHasher):
    """Argon2id as OWASP's password storage sheet allows: 46 MiB, one pass, one lane.

    Django's own 100 MiB and eight lanes would need 2 GB for twenty people who sign in at 08:00.
    """

    time_cost = 1
    memory_cost = 47104  # KiB
    parallelism = 1
