from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from recording import navigation


class PortalConfig(AppConfig):
    name = "ektp_portal"
    verbose_name = "Portal KTP-el"

    def ready(self) -> None:
        from . import celery  # noqa: F401 - makes our Celery app the one that every shared task belongs to

        navigation.add_resident_item(_("Capaian"), "progress", order=90)
