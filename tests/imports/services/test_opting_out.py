"""Who wants no mail gets none, in whichever way a file says so; nobody is subscribed unawares."""

import pytest
from django.core.exceptions import ValidationError

from contacts.models import Contact
from imports.models import ImportJob
from imports.services.uploads import import_map
from organizations.models import Organization
from tests.factories import checked, imported, make_contact, make_import
from tests.shared_data import shared_file

EMAIL = {"index": 0, "target": "email"}
OPTED_OUT = {"index": 1, "target": "opted_out"}
CONSENT = {"types": ["newsletter"], "source": "Fair in Bergen, 3 May"}


def people(*cells: str) -> str:
    return "email,left\n" + "".join(f'p{n}@x.org,"{cell}"\n' for n, cell in enumerate(cells))


def subscribed() -> list[bool]:
    return list(Contact.objects.order_by("email").values_list("is_subscribed", flat=True))


@pytest.mark.django_db
class TestColumn:
    def test_a_yes_and_a_date_mean_no_mail(self, organization: Organization) -> None:
        cells = ("yes", "no", "", "2024-05-01 10:00:00", "31/12/2023", "12/31/2023", "ja")
        imported(make_import(organization, people(*cells), columns=[EMAIL, OPTED_OUT]))
        assert subscribed() == [False, True, True, False, False, False, False]

    def test_a_no_subscribes_nobody(self, organization: Organization) -> None:
        make_contact(organization, email="p0@x.org", is_subscribed=False)
        job = imported(make_import(organization, people("no"), columns=[EMAIL, OPTED_OUT]))
        assert job.counts == {"unchanged": 1}
        assert subscribed() == [False]

    def test_who_is_known_is_unsubscribed(self, organization: Organization) -> None:
        make_contact(organization, email="p0@x.org")
        imported(make_import(organization, people("yes"), columns=[EMAIL, OPTED_OUT]))
        assert subscribed() == [False]

    def test_it_has_the_last_word(self, organization: Organization) -> None:
        text = "email,out,in\na@x.org,yes,yes\nb@x.org,no,yes\nc@x.org,no,no\n"
        columns = [EMAIL, OPTED_OUT, {"index": 2, "target": "is_subscribed"}]
        imported(make_import(organization, text, columns=columns))
        assert subscribed() == [False, True, False]
        imported(make_import(organization, "email,opted out\nd@x.org,1\n", consent=CONSENT))
        assert not Contact.objects.get(email="d@x.org").is_subscribed

    def test_what_is_neither_fails_its_line(self, organization: Organization) -> None:
        job = checked(make_import(organization, people("perhaps"), columns=[EMAIL, OPTED_OUT]))
        assert job.predicted_counts == {"failed": 1}

    @pytest.mark.parametrize("target", ["is_subscribed", "preference:newsletter"])
    def test_a_column_of_those_who_left_is_not_taken_for_consent(
        self, organization: Organization, target: str
    ) -> None:
        columns = [EMAIL, {"index": 1, "target": target}]
        with pytest.raises(ValidationError, match="says who wants no mail"):
            make_import(organization, "email,Opted out\na@x.org,no\n", columns=columns)


@pytest.mark.django_db
def test_a_file_of_those_who_left(organization: Organization) -> None:
    """As a mail tool exports them: accepted as suggested, nobody in it is subscribed."""
    text = shared_file("vendor/mailchimp/unsubscribed.csv").read_bytes()
    job = imported(make_import(organization, text))
    assert job.counts.get("created")
    assert not any(subscribed())


@pytest.mark.django_db
class TestNewPeople:
    def unasked(self, organization: Organization) -> ImportJob:
        make_contact(organization, email="p0@x.org")
        return make_import(organization, people("a", "b", "c"), columns=[EMAIL])

    def test_the_check_counts_who_would_get_mail_unasked(self, organization: Organization) -> None:
        job = checked(self.unasked(organization))
        assert job.options["newly_subscribed"] == 2
        job = checked(import_map(job=job, columns=[EMAIL], consent=CONSENT))
        assert job.options["newly_subscribed"] == 0

    def test_lines_that_say_nothing_are_counted_beside_those_that_do(
        self, organization: Organization
    ) -> None:
        text = "email,in\na@x.org,yes\nb@x.org,\nc@x.org,no\n"
        columns = [EMAIL, {"index": 1, "target": "is_subscribed"}]
        job = checked(make_import(organization, text, columns=columns))
        assert job.options["newly_subscribed"] == 1

    def test_new_people_get_no_mail_and_known_ones_are_left_alone(
        self, organization: Organization
    ) -> None:
        job = self.unasked(organization)
        job = imported(import_map(job=job, columns=[EMAIL], subscribes_new=False))
        assert job.options["newly_subscribed"] == 0
        assert job.counts == {"created": 2, "unchanged": 1}
        assert subscribed() == [True, False, False]

    def test_it_can_be_taken_back(self, organization: Organization) -> None:
        job = import_map(job=self.unasked(organization), columns=[EMAIL], subscribes_new=False)
        job = imported(import_map(job=job, columns=[EMAIL], subscribes_new=True))
        assert subscribed() == [True, True, True]

    def test_not_beside_a_column_that_says_it_or_consent(self, organization: Organization) -> None:
        job = self.unasked(organization)
        with pytest.raises(ValidationError, match="A column says already"):
            import_map(job=job, columns=[EMAIL, OPTED_OUT], subscribes_new=False)
        with pytest.raises(ValidationError, match="can't be both"):
            import_map(job=job, columns=[EMAIL], consent=CONSENT, subscribes_new=False)
