"""Pages of lists by keyset: `{next, previous, results}`, as fast on the last page as on the first."""

from functools import partial
from typing import Any

from django.core.exceptions import ValidationError
from rest_framework.pagination import BasePagination
from rest_framework.response import Response
from rest_framework.utils.urls import replace_query_param

from organizations.ids import id_of
from organizations.keyset import Order, Page, keyset_page
from organizations.narrowing import narrowed_page

PAGE_SIZE, MAX_PAGE_SIZE, COUNT_CAP = 50, 500, 10_000
PARAMETERS = ("cursor", "page_size", "ordering", "count")


class KeysetPagination(BasePagination):
    """Pages a view's queryset in one of its `orders`, the first of `default_ordering` unless asked otherwise."""

    page: Page
    count: tuple[int, bool] | None

    def paginate_queryset(self, queryset: Any, request: Any, view: Any = None) -> list[Any]:
        self.request = request
        order, is_descending = _ordering(request, view)
        asked: Any = {
            "order": order,
            "is_descending": is_descending,
            "cursor": request.query_params.get("cursor") or None,
            "size": _page_size(request),
        }
        is_counted = _wants_count(request)
        if getattr(view, "is_filtered", bool)():
            narrowed = narrowed_page(
                queryset, cap=COUNT_CAP, split=partial(view.split, order=order), **asked
            )
            self.page, counted = narrowed.page, (narrowed.count, narrowed.is_capped)
            self.count = counted if is_counted else None
        else:
            self.page = keyset_page(queryset, take=view.take_rows, **asked)
            self.count = view.count_rows(queryset, COUNT_CAP) if is_counted else None
        return self.page.rows

    def get_paginated_response(self, data: Any) -> Response:
        page = {"next": self._link(self.page.next), "previous": self._link(self.page.previous)}
        counted = {}
        if self.count is not None:
            counted = {"count": self.count[0], "count_capped": self.count[1]}
        return Response(page | counted | {"results": data})

    def _link(self, cursor: str | None) -> str | None:
        if cursor is None:
            return None
        return replace_query_param(self.request.build_absolute_uri(), "cursor", cursor)

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        link = {"type": "string", "format": "uri", "nullable": True}
        return {
            "type": "object",
            "required": ["next", "previous", "results"],
            "properties": {
                "next": link,
                "previous": link,
                "count": {
                    "type": "integer",
                    "description": f"With ?count=true; at most {COUNT_CAP:,}.",
                },
                "count_capped": {"type": "boolean", "description": "True when there are more."},
                "results": schema,
            },
        }

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        names = [sign + name for name in getattr(view, "orders", {}) for sign in ("", "-")]
        return [
            _parameter("cursor", {"type": "string"}, "From `next` or `previous` of another page."),
            _parameter(
                "page_size",
                {"type": "integer", "minimum": 1, "maximum": MAX_PAGE_SIZE, "default": PAGE_SIZE},
            ),
            _parameter(
                "ordering",
                {
                    "type": "string",
                    "enum": names,
                    "default": getattr(view, "default_ordering", "-id"),
                },
            ),
            _parameter(
                "count", {"type": "boolean"}, f"Count the results too, to {COUNT_CAP:,} at most."
            ),
        ]


def _parameter(name: str, schema: dict[str, Any], description: str = "") -> dict[str, Any]:
    parameter = {"name": name, "in": "query", "required": False, "schema": schema}
    return parameter | ({"description": description} if description else {})


def _ordering(request: Any, view: Any) -> tuple[Order, bool]:
    text = request.query_params.get("ordering") or view.default_ordering
    name = text.removeprefix("-")
    if name not in view.orders:
        known = ", ".join(view.orders)
        raise _invalid("ordering", f"“{text[:80]}” is no order of this list; there are {known}.")
    return view.orders[name], text.startswith("-")


def _page_size(request: Any) -> int:
    size = id_of(request.query_params.get("page_size") or str(PAGE_SIZE)) or 0
    if not 1 <= size <= MAX_PAGE_SIZE:
        raise _invalid("page_size", f"A page has 1 to {MAX_PAGE_SIZE} results.")
    return size


def _wants_count(request: Any) -> bool:
    text = request.query_params.get("count", "false").lower()
    if text not in ("true", "1", "false", "0", ""):
        raise _invalid("count", "count is true or false.")
    return text in ("true", "1")


def _invalid(name: str, message: str) -> ValidationError:
    return ValidationError({name: ValidationError(message, code="invalid")})
