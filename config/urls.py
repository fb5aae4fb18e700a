"""What is reached without an organization in the path. `/o/<slug>/…` has `config.organization_urls`."""

from django.contrib.auth import views as auth
from django.urls import include, path

from config.health import healthz
from organizations.login import LoginView, PasswordResetConfirmView, PasswordResetView
from organizations.views import home

urlpatterns = [
    path("", home, name="home"),
    path("login/", LoginView.as_view(), name="login"),
    path("logout/", auth.LogoutView.as_view(), name="logout"),
    path("password-reset/", PasswordResetView.as_view(), name="password_reset"),
    path(
        "password-reset/sent/",
        auth.PasswordResetDoneView.as_view(template_name="password_reset/sent.html"),
        name="password_reset_done",
    ),
    path(
        "password-reset/changed/",
        auth.PasswordResetCompleteView.as_view(template_name="password_reset/changed.html"),
        name="password_reset_complete",
    ),
    path(
        "password-reset/<uidb64>/<token>/",
        PasswordResetConfirmView.as_view(),
        name="password_reset_confirm",
    ),
    path("healthz", healthz, name="healthz"),
    path("api/", include("config.api_urls")),
]
