"""What is reached inside of an organization, behind `/o/<slug>`."""

from django.urls import URLPattern, URLResolver, path

from config.admin import site

urlpatterns: list[URLPattern | URLResolver] = [
    path("admin/", site.urls),
]
