"""The one path that everything else stands on: from a file to people, and back."""

from collections import Counter

from contacts.models import Contact, ContactHistory
from contacts.services.feed import changes_process
from imports.models import ImportRecord
from imports.selectors.counting import outcome_counts
from organizations.models import Organization
from tags.models import Tag
from tests.factories import imported, make_import

FILE = """email,first name,age,tags
ana@example.org,Ana,31,"VIP, Friend"
bad,Bob,3,

ANA@example.org,Anna,1,
bob@example.org,Bob,x,
cy@example.org,Cy,12,vip
"""


def test_every_line_ends_in_one_bucket(organization: Organization) -> None:
    job = imported(make_import(organization, FILE))
    expected = {"created": 2, "failed": 2, "skipped": 1, "duplicate": 1}
    assert job.status == "partially_completed"
    assert job.counts == job.predicted_counts == expected
    assert outcome_counts(job=job, column="outcome") == expected
    assert ImportRecord.objects.filter(import_job=job).count() == job.total_records == 6


def test_people_arrive_with_fields_tags_and_history(organization: Organization) -> None:
    imported(make_import(organization, FILE))
    ana = Contact.objects.get(email_key="ana@example.org")
    assert (ana.first_name, ana.custom_fields) == ("Ana", {"age": 31})
    history = ContactHistory.objects.get(contact_id=ana.pk)
    assert history.change_type == "created"
    assert history.new_value["custom:age"] == 31
    changes_process(organization_id=organization.pk)
    counts = dict(Tag.objects.values_list("name", "contact_count"))
    assert Counter(counts) == {"VIP": 2, "Friend": 1}
