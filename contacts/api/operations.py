"""/api/v1/operations/."""

from collections.abc import Callable
from typing import Any

from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from contacts.api.actors import api_actor
from contacts.api.filters import OperationFilters
from contacts.api.history import KeyChangeSerializer
from contacts.models import ContactOperation, OperationKind, OperationStatus
from contacts.selectors.undo_preview import undo_preview
from contacts.services.operations import operation_pause, operation_resume
from contacts.services.undo import operation_undo, undo_blocked_reason
from organizations.api.serializers import FIELDS, SparseFields
from organizations.api.views import ApiViewSet


class OperationSerializer(SparseFields, serializers.ModelSerializer):
    """One act that changed contacts, and can be undone as one."""

    kind = serializers.ChoiceField(OperationKind.choices)
    status = serializers.ChoiceField(OperationStatus.choices)
    error = serializers.SerializerMethodField()

    class Meta:
        model = ContactOperation
        fields = [
            "id",
            "kind",
            "source",
            "status",
            "label",
            "actor",
            "api_key",
            "undoes",
            "summary",
            "progress_done",
            "progress_total",
            "error",
            "created_at",
            "started_at",
            "finished_at",
            "undone_at",
        ]

    def get_error(self, operation: ContactOperation) -> str:
        """Why it gave up; what it stumbles over on the way is no answer for programs."""
        return operation.error if operation.status == OperationStatus.FAILED else ""


class UndoExampleSerializer(serializers.Serializer):
    contact_id = serializers.IntegerField()
    name = serializers.CharField()
    reason = serializers.CharField(help_text="Why it is kept or blocked.")
    changes = serializers.DictField(child=KeyChangeSerializer(), help_text="By field.")


class UndoPreviewSerializer(serializers.Serializer):
    """How many contacts an undo would revert, keep since they were edited, or find blocked."""

    reverted = serializers.IntegerField()
    kept = serializers.IntegerField()
    blocked = serializers.IntegerField()
    untouched = serializers.IntegerField(
        help_text="How many of the kept ones nothing would go back of."
    )
    examples = serializers.DictField(
        child=serializers.ListField(child=UndoExampleSerializer()),
        help_text="The first contacts of each kind.",
    )
    is_possible = serializers.BooleanField()
    reason = serializers.CharField(help_text="Why it can't be undone now; else empty.")


def _step(description: str) -> Callable[[Any], Any]:
    return extend_schema(request=None, responses=OperationSerializer, description=description)


@extend_schema_view(
    list=extend_schema(parameters=[FIELDS]), retrieve=extend_schema(parameters=[FIELDS])
)
class OperationViewSet(ApiViewSet):
    """What changed contacts: imports, edits, deletions, undos; each can be taken back as one."""

    queryset = ContactOperation.objects.all()
    serializer_class = OperationSerializer
    filterset_class = OperationFilters

    def list(self, request: Request) -> Response:
        return self.page(self.filter_queryset(self.get_queryset()))

    def retrieve(self, request: Request, pk: int) -> Response:
        return Response(self.get_serializer(self.get_object()).data)

    @extend_schema(
        request=None,
        responses={202: OperationSerializer},
        description="Take an operation back, in the background. The answer is the undo, itself an operation. "
        "Undoing what put another operation back undoes that one.",
    )
    @action(detail=True, methods=["post"])
    def undo(self, request: Request, pk: int) -> Response:
        undo = operation_undo(operation=self.get_object(), actor=api_actor(request))
        return operation_accepted(request, undo)

    @extend_schema(responses=UndoPreviewSerializer, filters=False)
    @action(detail=True, methods=["get"], url_path="undo-preview")
    def undo_preview(self, request: Request, pk: int) -> Response:
        operation = self.get_object()
        reason = undo_blocked_reason(operation=operation)
        found = undo_preview(operation=operation)
        told = {"untouched": found.untouched, "examples": found.examples}
        document = found.counts | told | {"is_possible": not reason, "reason": reason}
        return Response(UndoPreviewSerializer(document).data)

    @_step("Stop work in batches at the next one; what is done stays, the rest waits.")
    @action(detail=True, methods=["post"])
    def pause(self, request: Request, pk: int) -> Response:
        operation = operation_pause(operation=self.get_object())
        return Response(self.get_serializer(operation).data)

    @_step("Go on with what is paused.")
    @action(detail=True, methods=["post"])
    def resume(self, request: Request, pk: int) -> Response:
        operation = operation_resume(operation=self.get_object())
        return Response(self.get_serializer(operation).data)


def operation_accepted(request: Request, operation: ContactOperation) -> Response:
    """202: the operation is queued; its address tells how far it is."""
    location = request.build_absolute_uri(f"/api/v1/operations/{operation.pk}/")
    document = OperationSerializer(operation).data
    return Response(document, status=202, headers={"Location": location})
