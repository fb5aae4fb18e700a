"""What is reached inside of an organization, behind `/o/<slug>`."""

from django.urls import URLPattern, URLResolver, include, path

from config.home import dashboard
from organizations import views
from organizations.admin_site import site

urlpatterns: list[URLPattern | URLResolver] = [
    path("", dashboard, name="home"),
    path("notices/", views.notices, name="notices"),
    path("notices/read/", views.notices_seen, name="notices_read"),
    path("notices/mail/", views.notices_mailed, name="notices_mail"),
    path("", include("contacts.urls")),
    path("segments/", include("segments.urls")),
    path("tags/", include("tags.urls")),
    path("imports/", include("imports.urls")),
    path("exports/", include("imports.export_urls")),
    path("admin/", site.urls),
]

handler403 = views.not_allowed
handler404 = views.not_found
