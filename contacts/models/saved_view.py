from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import DB_SET_NULL, F, Func, Q, Value
from django.db.models.lookups import Exact

from organizations.models import TenantModel, tenant_key

NAME_LENGTH = 100


def _is_json(column: str, kind: str) -> Any:
    found = Func(F(column), function="jsonb_typeof", output_field=models.TextField())
    return Exact(found, Value(kind))


class SavedView(TenantModel):
    """A way to look at the list of contacts: which columns, in which order, and who is let through.

    A private one is its owner's alone; a shared one is everybody's, and outlives its owner's account. One that a
    program made has no owner.
    """

    name = models.CharField(max_length=NAME_LENGTH)
    # The name without case and white space: what makes two names one (computed in one place, in Python).
    name_key = models.CharField(max_length=2 * NAME_LENGTH, editable=False)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        editable=False,
        on_delete=DB_SET_NULL,
        db_index=False,
        related_name="+",
    )
    is_shared = models.BooleanField("shared with everybody", default=False)
    columns = models.JSONField(default=list, blank=True)
    sort = models.CharField(max_length=64)
    filters = models.JSONField(default=dict, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta(TenantModel.Meta):
        db_table = "saved_views"
        verbose_name = "saved view"
        constraints = [
            tenant_key("saved_view"),
            # Also serves the row of a member's own views.
            models.UniqueConstraint(
                fields=["organization", "owner", "name_key"], name="saved_view_name_key"
            ),
            models.CheckConstraint(condition=~Q(name_key=""), name="saved_view_has_name"),
            models.CheckConstraint(condition=~Q(sort=""), name="saved_view_has_sort"),
            models.CheckConstraint(
                condition=_is_json("columns", "array"), name="saved_view_columns_are_a_list"
            ),
            models.CheckConstraint(
                condition=_is_json("filters", "object"), name="saved_view_filters_have_names"
            ),
        ]
        indexes = [
            # The row of views that everybody sees; the API's list, by name.
            models.Index(
                fields=["organization", "name_key", "id"],
                name="saved_view_shared_idx",
                condition=Q(is_shared=True),
            ),
        ]

    def __str__(self) -> str:
        return self.name
