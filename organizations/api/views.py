"""Bases of the API's views."""

from collections.abc import Callable
from typing import Any

from django.core.exceptions import ValidationError
from rest_framework.negotiation import BaseContentNegotiation, DefaultContentNegotiation
from rest_framework.request import Request
from rest_framework.viewsets import GenericViewSet

from organizations.api.pagination import PARAMETERS
from organizations.api.parsers import ApiJSONParser
from organizations.api.serializers import requested_fields
from organizations.keyset import Order, Take, capped_count
from organizations.roles import EDIT, READ, Role


class OnlyJSON(BaseContentNegotiation):
    """One format: whatever a client says that it accepts, JSON is what there is."""

    def select_parser(self, request: Any, parsers: Any) -> Any:
        return DefaultContentNegotiation().select_parser(request, parsers)

    def select_renderer(self, request: Any, renderers: Any, format_suffix: Any = None) -> Any:
        return renderers[0], renderers[0].media_type


class ApiViewSet(GenericViewSet):
    """One kind of resource. Declares who may do what, its orders, and which query parameters it knows."""

    read_role: Role = READ
    write_role: Role = EDIT
    orders: dict[str, Order] = {"id": Order("id")}
    default_ordering = "-id"
    lookup_value_converter = "int"
    parser_classes = [ApiJSONParser]
    content_negotiation_class = OnlyJSON
    metadata_class = None
    # Query parameters of single actions, beside those of lists and filters.
    extra_parameters: dict[str, tuple[str, ...]] = {}
    # How the rows of a page are read, and counted; an action may have a cache of its own.
    take_rows: Take = list
    count_rows: Callable[[Any, int], tuple[int, bool]] = staticmethod(capped_count)

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        self._check_parameters(request)

    def _check_parameters(self, request: Request) -> None:
        if self.action is None:
            # A method that the address doesn't know is refused as such.
            return
        known = self.known_parameters()
        for name, value in request.query_params.items():
            if name not in known:
                listed = ", ".join(sorted(known)) or "none"
                message = f"This address knows no parameter {name[:80]}; it knows {listed}."
                raise ValidationError({name: ValidationError(message, code="unknown_parameter")})
            if "\0" in value:
                raise ValidationError({name: "Text can't contain NUL characters."})

    def known_parameters(self) -> set[str]:
        """The names that the action's query string may have."""
        known = set(self.extra_parameters.get(self.action or "", ()))
        if self.is_list():
            known |= {*PARAMETERS, "fields", *self.filter_names()}
        elif self.request.method in ("GET", "HEAD"):
            known.add("fields")
        return known

    def is_list(self) -> bool:
        return self.action == "list"

    def filter_names(self) -> set[str]:
        """The filters of the list: those of the view's FilterSet."""
        filterset = getattr(self, "filterset_class", None)
        return set(filterset.base_filters) if filterset else set()

    def get_serializer_context(self) -> dict[str, Any]:
        context = dict(super().get_serializer_context())
        is_read = self.request is not None and self.request.method in ("GET", "HEAD")
        return context | {"sparse_fields": requested_fields(self.request) if is_read else None}

    def check_fields(self, serializer_class: Any) -> None:
        """Raises ValidationError for a name in `?fields=` that the serializer lacks, whatever the rows."""
        _ = serializer_class(context=self.get_serializer_context()).fields

    def page(self, rows: Any, serializer_class: Any = None) -> Any:
        """The response that shows a page of `rows`."""
        kind = serializer_class or self.get_serializer_class()
        self.check_fields(kind)
        found = self.paginate_queryset(rows)
        serializer = kind(found, many=True, context=self.get_serializer_context())
        return self.paginator.get_paginated_response(serializer.data)  # type: ignore[union-attr]

    def checked(self, serializer_class: Any, **kwargs: Any) -> Any:
        """The body of the request, of the right shape. Raises ValidationError by path."""
        serializer = serializer_class(
            data=self.request.data, context=self.get_serializer_context(), **kwargs
        )
        serializer.is_valid(raise_exception=True)
        return serializer.validated_data
