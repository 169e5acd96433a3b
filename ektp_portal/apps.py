from django.apps import AppConfig


class PortalConfig(AppConfig):
    name = "ektp_portal"
    verbose_name = "Portal KTP-el"

    def ready(self) -> None:
        from . import celery  # noqa: F401 - makes our Celery app the one that every shared task belongs to
