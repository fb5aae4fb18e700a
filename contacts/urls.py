"""Screens of contacts, their fields and the operations that changed them, behind `/o/<slug>/`."""

from django.urls import path

from contacts.views import (
    consent,
    detail,
    fields,
    kinds,
    listing,
    operations,
    relations,
    saved_views,
    suppressions,
)

app_name = "contacts"
urlpatterns = [
    path("contacts/", listing.contacts_list, name="list"),
    path("contacts/bulk/", listing.contacts_bulk, name="bulk"),
    path("contacts/new/", detail.contact_new, name="new"),
    path("contacts/<int:pk>/", detail.contact_detail, name="detail"),
    path("contacts/<int:pk>/history/", detail.contact_history_part, name="history"),
    path("contacts/<int:pk>/edit/<slug:part>/", detail.contact_edit, name="edit"),
    path("contacts/<int:pk>/tags/", detail.contact_tags, name="tags"),
    path("contacts/<int:pk>/consent/", consent.contact_consent, name="consent"),
    path("contacts/<int:pk>/identifiers/", relations.contact_identifiers, name="identifiers"),
    path("contacts/<int:pk>/relationships/", relations.contact_relationships, name="relationships"),
    path(
        "contacts/<int:pk>/relationships/find/",
        relations.relationships_find,
        name="relationships_find",
    ),
    path(
        "contacts/<int:pk>/relationships/more/",
        relations.relationships_more,
        name="relationships_more",
    ),
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
    path("preference-types/", kinds.preference_types_list, name="preference_types"),
    path("preference-types/new/", kinds.preference_type_new, name="preference_type_new"),
    path("preference-types/<int:pk>/", kinds.preference_type_edit, name="preference_type"),
    path("relationship-types/", kinds.relationship_types_list, name="relationship_types"),
    path("relationship-types/new/", kinds.relationship_type_new, name="relationship_type_new"),
    path("relationship-types/<int:pk>/", kinds.relationship_type_edit, name="relationship_type"),
    path("suppressions/", suppressions.suppressions_list, name="suppressions"),
    path("suppressions/new/", suppressions.suppression_new, name="suppression_new"),
    path("suppressions/<int:pk>/", suppressions.suppression_detail, name="suppression"),
]
