"""The project's own app, and Django's admin with our site in it."""

from django.apps import AppConfig
from django.contrib.admin import apps as admin


class KithConfig(AppConfig):
    name = "config"
    verbose_name = "Kith"
    default = True

    def ready(self) -> None:
        from config.everything import search_everything
        from organizations.palette import finder_register

        finder_register(search_everything)


class KithAdminConfig(admin.AdminConfig):
    default_site = "organizations.admin_site.KithAdminSite"
    default = False
