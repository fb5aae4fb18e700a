"""Screens of segments, behind `/o/<slug>/segments/`."""

from django.urls import path

from segments import building, by_hand, views

app_name = "segments"
urlpatterns = [
    path("", views.segments_list, name="list"),
    path("new/", building.segment_new, name="new"),
    path("new/static/", views.static_new, name="new_static"),
    path("build/", building.rule_part, name="build"),
    path("build/<int:pk>/", building.rule_part, name="build_segment"),
    path("count/", building.rule_count, name="count"),
    path("try/", building.rule_try, name="try"),
    path("<int:pk>/", views.segment_detail, name="detail"),
    path("<int:pk>/edit/", building.segment_edit, name="edit"),
    path("<int:pk>/rename/", views.segment_rename, name="rename"),
    path("<int:pk>/state/", views.segment_state, name="state"),
    path("<int:pk>/history/", views.segment_history, name="history"),
    path("<int:pk>/refresh/", views.segment_refresh, name="refresh"),
    path("<int:pk>/cancel/", views.segment_cancel, name="cancel"),
    path("<int:pk>/snapshot/", by_hand.segment_snapshot, name="snapshot"),
    path("<int:pk>/delete/", views.segment_remove, name="delete"),
    path("<int:pk>/add/", by_hand.members_add, name="add"),
    path("<int:pk>/why/<int:contact_pk>/", by_hand.segment_why, name="why"),
    path("<int:pk>/pin/<int:contact_pk>/", by_hand.member_pin, name="pin"),
    path("of/<int:contact_pk>/", by_hand.of_contact, name="of_contact"),
]
