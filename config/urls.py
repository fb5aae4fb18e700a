"""What is reached without an organization in the path. `/o/<slug>/…` has `config.organization_urls`."""

from django.contrib.auth import views as auth
from django.urls import include, path

from config.health import healthz
from organizations.views import home

urlpatterns = [
    path("", home, name="home"),
    path(
        "login/",
        auth.LoginView.as_view(template_name="login.html", redirect_authenticated_user=True),
        name="login",
    ),
    path("logout/", auth.LogoutView.as_view(), name="logout"),
    path("healthz", healthz, name="healthz"),
    path("api/", include("config.api_urls")),
]
