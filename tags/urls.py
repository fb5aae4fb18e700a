"""Screens of tags, behind `/o/<slug>/tags/`."""

from django.urls import path

from tags import views

app_name = "tags"
urlpatterns = [
    path("", views.tags_list, name="list"),
    path("new/", views.tag_new, name="new"),
    path("<int:pk>/", views.tag_detail, name="detail"),
    path("<int:pk>/delete/", views.tag_remove, name="delete"),
]
