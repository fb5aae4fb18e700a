"""Preview = outcome: whatever the contacts, the file and the choices, each line ends where it was predicted to."""

from collections import Counter
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from contacts.models import Contact, ContactHistory, CustomFieldDefinition
from contacts.services.consent import preferences_set
from contacts.services.relations import identifier_add
from imports.models import ImportJob, ImportRecord
from imports.selectors.preview import full_counts, import_preview
from organizations.models import Organization
from organizations.scope import organization_scope
from tests.factories import (
    SCREEN,
    checked,
    imported,
    make_contact,
    make_custom_field,
    make_import,
    make_organization,
)

COLUMNS = [
    {"index": 0, "target": "email"},
    {"index": 1, "target": "external_id"},
    {"index": 2, "target": "first_name"},
    {"index": 3, "target": "custom:score", "type": "number"},
    {"index": 4, "target": "is_subscribed"},
    {"index": 5, "target": "tags", "separator": "|"},
    {"index": 6, "target": "custom:new", "type": "text"},
    {"index": 7, "target": "further_email"},
    {"index": 8, "target": "company_name", "link": True},
    {"index": 9, "target": "preference:newsletter"},
    {"index": 10, "target": "kind"},
]
HEADER = "email,id,name,score,subscribed,tags,new,other,company,letter,kind"
WIDTH = 11
NAMES = ("Ana", "Bo", "")
ADDRESSES = ("a@x.org", "b@x.org", "c@x.org", "d@x.org")
KEYS = ("1", "2", "3", "4")
TAGS = ("", "VIP", "vip|Friend", "Friend|New")

rows = st.tuples(
    st.sampled_from((*ADDRESSES, "A@X.org", "", "nobody")),
    st.sampled_from((*KEYS, "")),
    st.sampled_from(NAMES),
    st.sampled_from(("", "1", "1.0", "2", "x")),
    st.sampled_from(("", "yes", "no")),
    st.sampled_from(TAGS),
    st.sampled_from(("", "value")),
    st.sampled_from(("", *ADDRESSES)),
    st.sampled_from(("", "Acme", "ACME", "Zoë & Co")),
    st.sampled_from(("", "yes", "no")),
    st.sampled_from(("", "", "person", "company")),
)
files = st.lists(st.one_of(st.none(), rows, rows, rows), max_size=7)
people = st.fixed_dictionaries(
    {
        "first_name": st.sampled_from(("Ana", "Bo", None)),
        "is_subscribed": st.booleans(),
        "tags": st.sampled_from(([], ["VIP"], ["Friend", "VIP"])),
        "custom_fields": st.sampled_from(({}, {"score": 1})),
        "further": st.sampled_from(("", *ADDRESSES)),
        "newsletter": st.sampled_from((None, True, False)),
    }
)
worlds = st.dictionaries(
    st.tuples(st.sampled_from((*ADDRESSES, None)), st.sampled_from((*KEYS, None))),
    people,
    max_size=4,
)
choices = st.fixed_dictionaries(
    {
        "mode": st.sampled_from(("upsert", "create", "update")),
        "match": st.sampled_from(("email", "external_id")),
        "batch_size": st.sampled_from((1, 2, 3, 1000)),
    }
)
required = st.booleans()
rules = st.fixed_dictionaries(
    {
        2: st.sampled_from(({}, {"write": "fill"}, {"write": "never"}, {"erase_blanks": True})),
        3: st.sampled_from(({}, {"write": "fill"}, {"write": "never", "erase_blanks": True})),
        4: st.sampled_from(({}, {"write": "never"})),
        8: st.sampled_from(({}, {"write": "fill", "erase_blanks": True})),
        9: st.sampled_from(({}, {"write": "fill"})),
    }
)
consents = st.sampled_from((None, {"types": ["newsletter"], "source": "Fair in Bergen"}))
Rules = dict[int, dict[str, Any]]
Row = tuple[str, ...]
World = dict[tuple[str | None, str | None], dict[str, Any]]


def make_world(organization: Organization, world: World, *, is_required: bool) -> None:
    taken: set[str | None] = {None}
    make_custom_field(organization, "score", "number")
    make_contact(organization, email=None, kind="company", company_name="Zoë & Co")
    later = []
    for (address, key), values in world.items():
        keys = {"email": address, "external_id": key}
        free = {name: part for name, part in keys.items() if part not in taken}
        taken |= set(free.values())
        if free:
            more = {"further", "newsletter"}
            own = {n: part for n, part in values.items() if part is not None and n not in more}
            later.append((make_contact(organization, **({"email": None} | free | own)), values))
    for contact, values in later:
        add_more(contact, values, taken)
    CustomFieldDefinition.objects.filter(key="score").update(is_required=is_required)


def add_more(contact: Contact, values: dict[str, Any], taken: set[str | None]) -> None:
    """What a contact has besides its own columns."""
    if (newsletter := values.get("newsletter")) is not None:
        preferences_set(contact=contact, preferences={"newsletter": newsletter}, actor=SCREEN)
    further = values.get("further")
    if further and further not in taken:
        taken.add(further)
        contact.refresh_from_db()
        identifier_add(contact=contact, kind="email", value=further, actor=SCREEN)


def make_file(lines: list[Row | None]) -> str:
    return "\n".join(
        [
            HEADER,
            *(
                ",".join((*line, *[""] * (WIDTH - len(line)))) if line else "," * (WIDTH - 1)
                for line in lines
            ),
            "",
        ]
    )


def buckets(job: ImportJob, column: str) -> list[str]:
    records = ImportRecord.objects.filter(import_job=job).order_by("row_number")
    return list(records.values_list(column, flat=True))


OWNER_MOVES_ON: World = {("a@x.org", "1"): {}}


@pytest.mark.django_db
@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    world=worlds, lines=files, chosen=choices, said=rules, consent=consents, is_required=required
)
# An external ID that a line frees, and a later line, in another batch, takes.
@example(
    world=OWNER_MOVES_ON,
    lines=[("a@x.org", "2", "", "", "", "", ""), ("b@x.org", "1", "", "", "", "", "")],
    chosen={"mode": "upsert", "match": "email", "batch_size": 1},
    said={},
    consent=None,
    is_required=False,
)
# A line that fails in the comparison, and those behind it.
@example(
    world=OWNER_MOVES_ON,
    lines=[("b@x.org", key, "", "", "", "", "") for key in ("1", "2", "3")],
    chosen={"mode": "upsert", "match": "email", "batch_size": 2},
    said={},
    consent=None,
    is_required=False,
)
def test_preview_is_outcome(
    world: World,
    lines: list[Row | None],
    chosen: dict[str, Any],
    said: Rules,
    consent: dict[str, Any] | None,
    is_required: bool,
) -> None:
    organization = make_organization()
    columns = [column | said.get(column["index"], {}) for column in COLUMNS]
    with organization_scope(organization):
        make_world(organization, world, is_required=is_required)
        job = make_import(
            organization, make_file(lines), columns=columns, consent=consent, **chosen
        )
        job = checked(job)
        predicted = buckets(job, "predicted")
        preview = import_preview(job=job).counts
        people_before = Contact.objects.count()
        job = imported(job)
        outcomes = buckets(job, "outcome")
        assert outcomes == predicted
        assert job.counts == job.predicted_counts == dict(Counter(outcomes))
        assert preview == full_counts(job.counts)
        assert len(outcomes) == job.total_records == len(lines)
        # (A new contact whose address may get no mail is protected.)
        history = ContactHistory.objects.filter(operation=job.operation_id)
        made = history.filter(change_type="created").count()
        records = ImportRecord.objects.filter(import_job=job)
        reached = set(records.values_list("contact_id", flat=True))
        new = history.filter(change_type="created", contact_id__in=reached).count()
        assert new == job.counts.get("created", 0)
        assert made == new + job.options["new_companies"]
        assert Contact.objects.count() == people_before + made
        expected = "partially_completed" if job.counts.get("failed") else "completed"
        assert job.status == expected
