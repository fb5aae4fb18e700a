"""Foreign keys that cannot join two tenants: the database refuses such a row, the ORM never joins one."""

from typing import Any, cast

from django.db import models
from django.db.models import DB_CASCADE, DB_SET_NULL
from django.db.models.constraints import BaseConstraint
from django.db.models.deletion import DatabaseOnDelete
from django.db.models.expressions import Col
from django.db.models.lookups import Exact

from organizations.scope import current_organization_id

ON_DELETE = {DB_CASCADE: "CASCADE", DB_SET_NULL: "SET NULL"}


class OrganizationField(models.ForeignKey):
    """The tenant of a row; a new row belongs to the organization in scope."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("to", "organizations.Organization")
        kwargs.setdefault("on_delete", DB_CASCADE)
        kwargs.setdefault("related_name", "+")
        # Every hot index starts with the organization, so it needs none of its own.
        kwargs.setdefault("db_index", False)
        kwargs.setdefault("editable", False)
        kwargs["default"] = current_organization_id
        super().__init__(**kwargs)

    def deconstruct(self) -> tuple[str, str, Any, dict[str, Any]]:
        name, _path, args, kwargs = super().deconstruct()
        kwargs.pop("default")
        return name, "django.db.models.ForeignKey", args, kwargs


class TenantForeignKeyConstraint(BaseConstraint):
    """FOREIGN KEY (organization_id, column) REFERENCES target (organization_id, id).

    It is created behind the statements of its migration, when the unique key that it refers to is there.
    """

    def __init__(self, *, name: str, field: str, to: str, on_delete: str) -> None:
        self.field, self.to, self.on_delete = field, to, on_delete
        super().__init__(name=name)

    def _statement(self, model: Any, schema_editor: Any) -> str:
        quote = schema_editor.quote_name
        field = model._meta.get_field(self.field)
        target = field.remote_field.model._meta.db_table
        column = quote(field.column)
        action = f"SET NULL ({column})" if self.on_delete == "SET NULL" else self.on_delete
        return (
            f"ALTER TABLE {quote(model._meta.db_table)} ADD CONSTRAINT {quote(self.name)} "
            f"FOREIGN KEY (organization_id, {column}) REFERENCES {quote(target)} (organization_id, id) "
            f"ON DELETE {action} DEFERRABLE INITIALLY DEFERRED"
        )

    def constraint_sql(self, model: Any, schema_editor: Any) -> str:
        return self.create_sql(model, schema_editor)

    def create_sql(self, model: Any, schema_editor: Any) -> str:
        # Whoever calls this runs what comes back: nothing now, the statement when the migration's others are done.
        schema_editor.deferred_sql.append(self._statement(model, schema_editor))
        return ""

    def remove_sql(self, model: Any, schema_editor: Any) -> str:
        quote = schema_editor.quote_name
        return f"ALTER TABLE {quote(model._meta.db_table)} DROP CONSTRAINT {quote(self.name)}"

    def validate(self, *args: Any, **kwargs: Any) -> None:
        """The database alone checks this one; ForeignKey.validate has looked the row up."""

    def deconstruct(self) -> tuple[str, tuple[()], dict[str, str]]:
        path = f"{type(self).__module__}.{type(self).__name__}"
        named = {"name": self.name, "field": self.field, "to": self.to, "on_delete": self.on_delete}
        return path, (), named

    def __eq__(self, other: object) -> bool:
        if isinstance(other, TenantForeignKeyConstraint):
            return self.deconstruct() == other.deconstruct()
        return NotImplemented

    __hash__ = BaseConstraint.__hash__


class TenantForeignKey(models.ForeignKey):
    """A foreign key to a row of the same organization.

    Effects: no single-column constraint, a composite one in `Meta.constraints` instead, and the organization
    in every join. No index by default: declare one that starts with the organization and says what it serves.
    """

    def __init__(self, to: Any, on_delete: Any, **kwargs: Any) -> None:
        kwargs["db_constraint"] = False
        kwargs.setdefault("db_index", False)
        super().__init__(to, on_delete, **kwargs)

    def contribute_to_class(
        self, cls: Any, name: str, private_only: bool = False, **kwargs: Any
    ) -> None:
        super().contribute_to_class(cls, name, private_only=private_only, **kwargs)
        if not cls._meta.abstract:
            self._add_constraint(cls)

    def _add_constraint(self, cls: Any) -> None:
        target = self.remote_field.model
        constraint = TenantForeignKeyConstraint(
            name=f"{cls._meta.db_table[:38]}_{self.name[:18]}_fk",
            field=self.name,
            to=target if isinstance(target, str) else target._meta.label_lower,
            on_delete=ON_DELETE[cast(DatabaseOnDelete, self.remote_field.on_delete)],
        )
        cls._meta.constraints = [*cls._meta.constraints, constraint]
        cls._meta.original_attrs["constraints"] = cls._meta.constraints

    def get_extra_restriction(self, alias: str, related_alias: str) -> Any:
        organization: Any = self.model._meta.get_field("organization")
        return Exact(Col(alias, organization), Col(related_alias, organization))

    def deconstruct(self) -> tuple[str, str, Any, dict[str, Any]]:
        name, _path, args, kwargs = super().deconstruct()
        return name, "django.db.models.ForeignKey", args, kwargs
