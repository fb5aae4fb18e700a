"""/api/: the API for programs, its schema and its documentation."""

from django.urls import URLPattern, URLResolver, include, path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView
from rest_framework.routers import SimpleRouter

from contacts.api.activities import ActivityViewSet
from contacts.api.custom_fields import CustomFieldViewSet
from contacts.api.events import EventViewSet
from contacts.api.kinds import PreferenceTypeViewSet, RelationshipTypeViewSet
from contacts.api.operations import OperationViewSet
from contacts.api.saved_views import SavedViewViewSet
from contacts.api.suppressions import SuppressionViewSet
from contacts.api.views import ContactViewSet
from contacts.api.websites import WebsiteViewSet
from imports.api.exports import ExportViewSet
from imports.api.saved_mappings import SavedMappingViewSet
from imports.api.views import ImportViewSet
from segments.api.views import SegmentViewSet
from tags.api.views import TagViewSet

router = SimpleRouter(use_regex_path=False)
router.register("contacts", ContactViewSet, basename="contact")
router.register("activities", ActivityViewSet, basename="activity")
router.register("events", EventViewSet, basename="event")
router.register("websites", WebsiteViewSet, basename="website")
router.register("custom-fields", CustomFieldViewSet, basename="custom-field")
router.register("operations", OperationViewSet, basename="operation")
router.register("saved-views", SavedViewViewSet, basename="saved-view")
router.register("preference-types", PreferenceTypeViewSet, basename="preference-type")
router.register("relationship-types", RelationshipTypeViewSet, basename="relationship-type")
router.register("segments", SegmentViewSet, basename="segment")
router.register("suppressions", SuppressionViewSet, basename="suppression")
router.register("tags", TagViewSet, basename="tag")
router.register("exports", ExportViewSet, basename="export")
router.register("imports", ImportViewSet, basename="import")
router.register("import-mappings", SavedMappingViewSet, basename="import-mapping")

errors_csv = ImportViewSet.as_view({"get": "errors"}, detail=True, basename="import")
v1: list[URLPattern | URLResolver] = [
    path("imports/<int:pk>/errors.csv", errors_csv, name="import-errors"),
    *router.urls,
]

urlpatterns: list[URLPattern | URLResolver] = [
    path("v1/", include((v1, "api"))),
    path("schema/", SpectacularAPIView.as_view(), name="api-schema"),
    path("docs/", SpectacularSwaggerSplitView.as_view(url_name="api-schema"), name="api-docs"),
]
