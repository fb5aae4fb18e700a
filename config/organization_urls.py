"""What is reached inside of an organization, behind `/o/<slug>`."""

from importlib.util import find_spec

from django.urls import URLPattern, URLResolver, include, path

from config.admin import site
from organizations.views import dashboard

urlpatterns: list[URLPattern | URLResolver] = [
    path("", dashboard, name="home"),
    path("", include("contacts.urls")),
    path("tags/", include("tags.urls")),
    path("admin/", site.urls),
]

if find_spec("imports.urls"):
    urlpatterns.insert(3, path("imports/", include("imports.urls")))
else:
    stub = ([path("", dashboard, name="list")], "imports")
    urlpatterns.insert(3, path("imports/", include(stub)))
