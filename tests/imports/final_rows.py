"""What imports left behind in an organization, apart from ids and times: to compare two ways of getting there."""

from typing import Any

from contacts.models import ContactOperation
from imports.models import ImportJob
from organizations.models import Organization
from organizations.scope import organization_scope
from organizations.statements import fetch_all

# One row a table: how many rows, and the sum of their hashes. Tags and contacts go by name and address.
_NAMED = """
  (
    select jsonb_object_agg(case when t.id is null then k.key else 'tag:' || t.name end, k.value)
    from jsonb_each({column}) k
    left join contact_tags t
      on t.organization_id = %(organization_id)s and k.key = 'tag:' || t.id
  )
"""
_TABLES = {
    "contacts": """
        select c.kind, c.email, c.email_key, c.external_id, c.first_name, c.city, c.custom_fields,
          c.is_active, c.is_subscribed, c.deleted_at is null, c.name_key, c.search_vector
        from contacts c
        where c.organization_id = %(organization_id)s
    """,
    "assignments": """
        select c.email, t.name, a.source
        from contact_tag_assignments a
        join contacts c on c.organization_id = a.organization_id and c.id = a.contact_id
        join contact_tags t on t.organization_id = a.organization_id and t.id = a.tag_id
        where a.organization_id = %(organization_id)s
    """,
    "history": f"""
        select c.email, o.label, h.change_type, h.undone_by_id is null,
          {_NAMED.format(column="h.old_value")} as old_value,
          {_NAMED.format(column="h.new_value")} as new_value
        from contact_history h
        join contact_operations o on o.organization_id = h.organization_id and o.id = h.operation_id
        left join contacts c on c.organization_id = h.organization_id and c.id = h.contact_id
        where h.organization_id = %(organization_id)s
    """,
    "changes": """
        select c.email, h.kind, t.name
        from contact_changes h
        join contacts c on c.organization_id = h.organization_id and c.id = h.contact_id
        left join contact_tags t on t.organization_id = h.organization_id and t.id = h.reference
        where h.organization_id = %(organization_id)s
    """,
    "records": r"""
        select j.file_name, r.row_number, r.line_number, r.raw, r.cleaned, r.match_key, r.is_valid,
          r.predicted, r.outcome, c.email, r.archived_at,
          regexp_replace(r.errors::text, '("contact": |contact )\d+', '', 'g') as errors
        from import_records r
        join import_jobs j on j.organization_id = r.organization_id and j.id = r.import_job_id
        left join contacts c on c.organization_id = r.organization_id and c.id = r.contact_id
        where r.organization_id = %(organization_id)s
    """,
    "tags": "select name, name_key, color from contact_tags where organization_id = %(organization_id)s",
    "custom fields": """
        select key, label, type from contact_custom_field_definitions
        where organization_id = %(organization_id)s
    """,
}
_HASHED = """
    select count(*), coalesce(sum(hashtextextended(to_jsonb(listed)::text, 0)::numeric), 0)
    from ({rows}) listed
"""


def final_rows(organization: Organization) -> dict[str, Any]:
    """Per table a count and a sum of hashes; every import and every operation with its figures."""
    params = {"organization_id": organization.pk}
    found: dict[str, Any] = {
        table: fetch_all(_HASHED.replace("{rows}", rows), params)[0]
        for table, rows in _TABLES.items()
    }
    figures = (
        "file_name", "status", "validation_status", "total_records", "processed_records",
        "cursor", "counts", "predicted_counts", "error", "claim_token", "phase",
    )  # fmt: skip
    with organization_scope(organization):
        found["imports"] = list(ImportJob.objects.order_by("pk").values(*figures))
        operations = ContactOperation.objects.order_by("pk")
        found["operations"] = list(operations.values("kind", "label", "status", "summary"))
    return found
