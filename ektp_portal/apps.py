from django.apps import AppConfig


class PortalConfig(AppConfig):
    name = "ektp_portal"
    verbose_name = "Portal KTP-el"
