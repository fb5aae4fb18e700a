"""The project's own app, and Django's admin with our site in it."""

from django.apps import AppConfig
from django.contrib.admin import apps as admin


class KithConfig(AppConfig):
    name = "config"
    verbose_name = "Kith"
    default = True


class KithAdminConfig(admin.AdminConfig):
    default_site = "config.admin.KithAdminSite"
    default = False
