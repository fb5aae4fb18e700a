"""What is reached inside of an organization, behind `/o/<slug>`."""

from django.urls import URLPattern, URLResolver, include, path

from config.home import dashboard
from organizations.admin_site import site

urlpatterns: list[URLPattern | URLResolver] = [
    path("", dashboard, name="home"),
    path("", include("contacts.urls")),
    path("tags/", include("tags.urls")),
    path("imports/", include("imports.urls")),
    path("exports/", include("imports.export_urls")),
    path("admin/", site.urls),
]
