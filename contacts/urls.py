"""Screens of contacts, their fields and the operations that changed them, behind `/o/<slug>/`."""

from django.urls import path

from contacts.views import detail, fields, listing, operations, saved_views

app_name = "contacts"
urlpatterns = [
    path("contacts/", listing.contacts_list, name="list"),
    path("contacts/bulk/", listing.contacts_bulk, name="bulk"),
    path("contacts/new/", detail.contact_new, name="new"),
    path("contacts/<int:pk>/", detail.contact_detail, name="detail"),
    path("contacts/<int:pk>/history/", detail.contact_history_part, name="history"),
    path("contacts/<int:pk>/edit/<slug:part>/", detail.contact_edit, name="edit"),
    path("contacts/<int:pk>/tags/", detail.contact_tags, name="tags"),
    path("contacts/<int:pk>/delete/", detail.contact_delete, name="delete"),
    path("contacts/views/new/", saved_views.view_new, name="view_new"),
    path("contacts/views/<int:pk>/", saved_views.view_edit, name="view"),
    path("contacts/views/<int:pk>/update/", saved_views.view_update, name="view_update"),
    path("contacts/views/<int:pk>/delete/", saved_views.view_delete, name="view_delete"),
    path("operations/", operations.operations_list, name="operations"),
    path("operations/<int:pk>/", operations.operation_detail, name="operation"),
    path("operations/<int:pk>/preview/", operations.operation_preview, name="preview"),
    path("operations/<int:pk>/pause/", operations.operation_paused, name="pause"),
    path("operations/<int:pk>/resume/", operations.operation_resumed, name="resume"),
    path("operations/<int:pk>/undo/", operations.operation_undo_start, name="undo"),
    path("custom-fields/", fields.fields_list, name="fields"),
    path("custom-fields/new/", fields.field_new, name="field_new"),
    path("custom-fields/<int:pk>/", fields.field_edit, name="field"),
    path("custom-fields/<int:pk>/delete/", fields.field_delete, name="field_delete"),
]
