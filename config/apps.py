"""The project's own app, and Django's admin with our site in it."""

from django.apps import AppConfig
from django.contrib.admin import apps as admin


class KithConfig(AppConfig):
    name = "config"
    verbose_name = "Kith"
    default = True

    def ready(self) -> None:
        from config.everything import ACTIONS, search_everything
        from organizations.palette import action_register, finder_register

        finder_register(search_everything)
        for action in ACTIONS:
            action_register(action)


class KithAdminConfig(admin.AdminConfig):
    default_site = "organizations.admin_site.KithAdminSite"
    default = False
