"""The import wizard, behind `/o/<slug>/imports/`."""

from django.urls import path

from imports.views import actions, detail, listing, mapping, saved_mappings, upload

app_name = "imports"
urlpatterns = [
    path("", listing.import_index, name="list"),
    path("new/", upload.import_new, name="new"),
    path("template.csv", upload.template_csv, name="template"),
    path("sample.csv", upload.sample_csv, name="sample"),
    path("mappings/", saved_mappings.mapping_index, name="mappings"),
    path("mappings/<int:pk>/", saved_mappings.mapping_detail, name="mapping"),
    path("mappings/<int:pk>/delete/", saved_mappings.mapping_remove, name="mapping_delete"),
    path("<int:pk>/", detail.import_detail, name="detail"),
    path("<int:pk>/live/", detail.import_live, name="live"),
    path("<int:pk>/errors.csv", detail.import_errors, name="errors"),
    path("<int:pk>/map/", mapping.import_mapping, name="map"),
    path("<int:pk>/map/format/", mapping.import_format, name="format"),
    path("<int:pk>/reread/", actions.reread, name="reread"),
    path("<int:pk>/validate/", actions.validate, name="validate"),
    path("<int:pk>/leave-out/", actions.leave_out, name="leave_out"),
    path("<int:pk>/start/", actions.start, name="start"),
    path("<int:pk>/pause/", actions.pause, name="pause"),
    path("<int:pk>/resume/", actions.resume, name="resume"),
    path("<int:pk>/cancel/", actions.cancel, name="cancel"),
    path("<int:pk>/undo/", actions.undo, name="undo"),
    path("<int:pk>/redo/", actions.redo, name="redo"),
]
