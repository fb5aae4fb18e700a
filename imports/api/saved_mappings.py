"""/api/v1/import-mappings/."""

from typing import Any

from django.core.exceptions import ValidationError
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework.request import Request
from rest_framework.response import Response

from contacts.api.actors import api_actor
from imports.api.mapping_serializers import (
    SavedMappingRenameSerializer,
    SavedMappingSerializer,
    SavedMappingWriteSerializer,
)
from imports.models import ImportJob, ImportMapping
from imports.services.saved_mappings import mapping_delete, mapping_rename, mapping_save
from organizations.api.serializers import FIELDS
from organizations.api.views import ApiViewSet
from organizations.keyset import Order


@extend_schema_view(
    list=extend_schema(parameters=[FIELDS]), retrieve=extend_schema(parameters=[FIELDS])
)
class SavedMappingViewSet(ApiViewSet):
    """Mappings that are kept for files with the same columns."""

    queryset = ImportMapping.objects.all()
    serializer_class = SavedMappingSerializer
    filter_backends = []
    orders = {"name": Order("name_key"), "id": Order("id")}
    default_ordering = "name"

    def list(self, request: Request) -> Response:
        return self.page(self.get_queryset())

    def retrieve(self, request: Request, pk: int) -> Response:
        return Response(self.get_serializer(self.get_object()).data)

    @extend_schema(request=SavedMappingWriteSerializer, responses={201: SavedMappingSerializer})
    def create(self, request: Request) -> Response:
        values = self.checked(SavedMappingWriteSerializer)
        job = self._import(values["import_job"])
        kept = mapping_save(job=job, name=values["name"], actor=api_actor(request))
        return Response(self.get_serializer(kept).data, status=201)

    def _import(self, pk: int) -> Any:
        job = ImportJob.objects.filter(pk=pk).first()
        if job is None:
            message = ValidationError(f"There is no import {pk}.", code="unknown_id")
            raise ValidationError({"import_job": message})
        return job

    @extend_schema(
        request=SavedMappingRenameSerializer,
        responses=SavedMappingSerializer,
        description="Its name alone: what it keeps is replaced by saving a mapping under the same name.",
    )
    def partial_update(self, request: Request, pk: int) -> Response:
        mapping, values = self.get_object(), self.checked(SavedMappingRenameSerializer)
        renamed = mapping_rename(mapping=mapping, name=values["name"])
        return Response(self.get_serializer(renamed).data)

    @extend_schema(description="Imports that were made with it stay as they are.")
    def destroy(self, request: Request, pk: int) -> Response:
        mapping_delete(mapping=self.get_object())
        return Response(status=204)
