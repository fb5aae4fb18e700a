"""Exports, behind `/o/<slug>/exports/`."""

from django.urls import path

from imports.views import exports

app_name = "exports"
urlpatterns = [
    path("", exports.export_index, name="list"),
    path("new/", exports.export_new, name="new"),
    path("<int:pk>/", exports.export_detail, name="detail"),
    path("<int:pk>/file/", exports.export_file, name="file"),
    path("<int:pk>/cancel/", exports.export_cancel_now, name="cancel"),
]
