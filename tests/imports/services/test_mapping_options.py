"""What a column does besides giving its values: rules for writing, further keys, companies, consent, choices."""

from typing import Any

import pytest
from django.core.exceptions import ValidationError

from contacts.models import (
    Contact,
    ContactHistory,
    CustomFieldDefinition,
    EmailPreference,
    Identifier,
    Relationship,
)
from contacts.services.consent import preferences_set
from contacts.services.suppressions import suppression_add
from imports.models import ImportJob
from imports.selectors.preview import import_preview
from imports.services import running
from imports.services.control import import_start
from imports.services.questions import mapping_questions
from imports.services.uploads import import_map
from organizations.models import Organization
from organizations.services.leases import lease_take
from tests.factories import SCREEN, checked, imported, make_contact, make_custom_field, make_import

EMAIL = {"index": 0, "target": "email"}
CONSENT = {"types": ["newsletter"], "source": "Fair in Bergen, 3 May", "text": "Yes, write to me."}


def run(organization: Organization, text: str, *columns: dict[str, Any], **options: Any) -> Any:
    return imported(make_import(organization, text, columns=[EMAIL, *columns], **options))


class TestWriting:
    TEXT = "email,city,score\nana@x.org,Oslo,2\nnew@x.org,Rome,3\n"

    def cities(self, organization: Organization, **rule: Any) -> dict[str, Any]:
        make_custom_field(organization, "score", "number")
        make_contact(organization, email="ana@x.org", city="Bergen")
        columns = [
            {"index": 1, "target": "city"} | rule,
            {"index": 2, "target": "custom:score"} | rule,
        ]
        run(organization, self.TEXT, *columns)
        contacts = Contact.objects.filter(kind="person")
        return {each.email: (each.city, each.custom_fields.get("score")) for each in contacts}

    def test_values_are_overwritten_unless_told_otherwise(self, organization: Organization) -> None:
        assert self.cities(organization) == {"ana@x.org": ("Oslo", 2), "new@x.org": ("Rome", 3)}

    def test_only_blanks_are_filled(self, organization: Organization) -> None:
        found = self.cities(organization, write="fill")
        assert found == {"ana@x.org": ("Bergen", 2), "new@x.org": ("Rome", 3)}

    def test_who_is_known_is_left_alone(self, organization: Organization) -> None:
        found = self.cities(organization, write="never")
        assert found == {"ana@x.org": ("Bergen", None), "new@x.org": ("Rome", 3)}

    def test_blank_cells_say_nothing_unless_told_otherwise(
        self, organization: Organization
    ) -> None:
        make_contact(organization, email="ana@x.org", city="Bergen", first_name="Ana")
        columns = [
            {"index": 1, "target": "city", "erase_blanks": True},
            {"index": 2, "target": "first_name"},
        ]
        job = run(organization, "email,city,name\nana@x.org,,\n", *columns)
        ana = Contact.objects.get()
        assert (ana.city, ana.first_name) == (None, "Ana")
        history = ContactHistory.objects.get(operation=job.operation_id)
        assert (history.old_value, history.new_value) == ({"city": "Bergen"}, {"city": None})


class TestFurtherKeys:
    COLUMNS = (
        {"index": 1, "target": "further_email"},
        {"index": 2, "target": "further_email"},
        {"index": 3, "target": "further_phone"},
    )

    def test_several_addresses_and_numbers(self, organization: Organization) -> None:
        text = "email,work,home,mobile\na@x.org,A@x.org,b@x.org,+4791234567\n"
        run(organization, text, *self.COLUMNS)
        found = set(Identifier.objects.values_list("kind", "value_key"))
        assert found == {("email", "b@x.org"), ("phone", "+4791234567")}
        again = run(organization, text, *self.COLUMNS)
        assert again.counts == {"unchanged": 1}

    def test_they_find_the_contact_next_time(self, organization: Organization) -> None:
        run(organization, "email,work,home,m\na@x.org,,b@x.org,\n", *self.COLUMNS)
        text = "email,city\nb@x.org,Oslo\na@x.org,Rome\n"
        job = run(organization, text, {"index": 1, "target": "city"})
        assert job.counts == {"updated": 1, "duplicate": 1}
        assert Contact.objects.get().city == "Oslo"

    def test_the_first_address_of_a_line_is_its_key(self, organization: Organization) -> None:
        job = run(organization, "email,work,home,m\n,b@x.org,c@x.org,\n", *self.COLUMNS)
        assert job.counts == {"created": 1}
        assert Contact.objects.get().email == "b@x.org"
        assert Identifier.objects.get().value == "c@x.org"

    def test_one_address_on_two_lines_is_one_person(self, organization: Organization) -> None:
        text = "email,work,home,m\na@x.org,b@x.org,,\nb@x.org,,,\n"
        job = run(organization, text, *self.COLUMNS)
        assert job.counts == {"created": 1, "duplicate": 1}
        (error,) = job.records.get(outcome="duplicate").errors
        assert error["message"] == "b@x.org is on line 2 too, which is the one that is imported."

    def test_somebody_elses_address_fails(self, organization: Organization) -> None:
        make_contact(organization, email="b@x.org")
        job = run(organization, "email,work,home,m\na@x.org,b@x.org,,\n", *self.COLUMNS)
        assert job.counts == {"failed": 1}
        (error,) = job.records.get().errors
        assert "b@x.org belongs to another contact" in error["message"]


class TestCompanies:
    COLUMN = {"index": 1, "target": "company_name", "link": True}
    TEXT = "email,company\na@x.org,Acme\nb@x.org,ACME\nc@x.org,Zoë & Co\nd@x.org,\nbad,Lost\n"

    def test_companies_become_contacts_once(self, organization: Organization) -> None:
        make_contact(organization, email=None, kind="company", company_name="Zoë & Co")
        job = run(organization, self.TEXT, self.COLUMN, batch_size=1)
        assert job.options["new_companies"] == 1
        companies = Contact.objects.filter(kind="company")
        assert set(companies.values_list("company_name", flat=True)) == {"Acme", "Zoë & Co"}
        people = Relationship.objects.filter(relationship_type="company")
        found = people.values_list("contact__email", "related_contact__company_name")
        assert set(found) == {("a@x.org", "Acme"), ("b@x.org", "Acme"), ("c@x.org", "Zoë & Co")}

    def test_again_is_unchanged(self, organization: Organization) -> None:
        run(organization, self.TEXT, self.COLUMN)
        again = run(organization, self.TEXT, self.COLUMN)
        assert again.counts == {"unchanged": 4, "failed": 1}
        assert again.options["new_companies"] == 0

    def test_the_preview_names_them(self, organization: Organization) -> None:
        job = checked(make_import(organization, self.TEXT, columns=[EMAIL, self.COLUMN]))
        sample = import_preview(job=job).samples["created"][0]
        assert sample.changes["company_name"]["after"] == "Acme"
        assert sample.changes["related:company"] == {"before": None, "after": "Acme"}

    def test_a_company_does_not_work_for_itself(self, organization: Organization) -> None:
        text = "email,company,kind\ninfo@acme.org,Acme,company\na@acme.org,Acme,person\n"
        kind = {"index": 2, "target": "kind"}
        job = run(organization, text, self.COLUMN, kind, batch_size=1)
        assert job.counts == {"created": 2}
        relation = Relationship.objects.get()
        assert relation.related_contact.email == "info@acme.org"
        assert Contact.objects.count() == 2

    @pytest.mark.parametrize("batch_size", [1, 2, 1000])
    @pytest.mark.parametrize("is_first", [True, False])
    def test_a_company_that_is_a_line_too_is_made_once(
        self, organization: Organization, batch_size: int, is_first: bool
    ) -> None:
        """Wherever its line stands, it is the company that the other lines name."""
        itself = ["info@acme.org,ACME,company"]
        others = ["a@x.org,Acme,person", "b@x.org,Acme,", "bad,Acme,", "c@x.org,Zoo,", ""]
        lines = ["email,company,kind", *(itself + others if is_first else others + itself)]
        job = run(
            organization,
            "\n".join(lines),
            self.COLUMN,
            {"index": 2, "target": "kind"},
            batch_size=batch_size,
        )
        assert job.predicted_counts == job.counts
        assert job.counts == {"created": 4, "failed": 1} | ({} if is_first else {"skipped": 1})
        assert job.options["new_companies"] == 1
        assert job.processed_records == job.total_records
        assert "differing" not in job.options
        companies = Contact.objects.filter(kind="company").values_list("company_name", "email")
        assert set(companies) == {("ACME", "info@acme.org"), ("Zoo", None)}
        people = Relationship.objects.values_list("contact__email", "related_contact__company_name")
        assert set(people) == {("a@x.org", "ACME"), ("b@x.org", "ACME"), ("c@x.org", "Zoo")}

    def test_a_company_whose_line_fails_is_made_for_who_names_it(
        self, organization: Organization
    ) -> None:
        text = "email,company,kind\na@x.org,Acme,\nbad,Acme,company\n"
        job = run(organization, text, self.COLUMN, {"index": 2, "target": "kind"})
        assert (job.counts, job.options["new_companies"]) == ({"created": 1, "failed": 1}, 1)
        assert Contact.objects.get(kind="company").email is None

    def test_companies_that_come_first_are_resumed(self, organization: Organization) -> None:
        """Each step is a batch of its own, and the figures are those of the lines that are written."""
        lines = [f"i{n}@x.org,Firm {n},company\np{n}@x.org,Firm {n},\n" for n in range(3)]
        columns = [EMAIL, self.COLUMN, {"index": 2, "target": "kind"}]
        text = "email,company,kind\n" + "".join(lines)
        job = checked(make_import(organization, text, columns=columns, batch_size=2))
        job = import_start(job=job, actor=SCREEN)
        seen = []
        while job.status == "running":
            lease = lease_take(work=job)
            assert lease is not None
            running._step(job, lease)
            job.refresh_from_db()
            ImportJob.objects.filter(pk=job.pk).update(claim_token=None)
            seen.append((job.phase, job.cursor, job.processed_records, job.counts.get("created")))
        assert seen == [
            ("companies", 0, 0, None),
            ("companies", 3, 2, 2),
            ("companies", 5, 3, 3),
            ("others", 0, 3, 3),
            ("others", 2, 4, 4),
            ("others", 4, 5, 5),
            ("others", 6, 6, 6),
            ("others", 6, 6, 6),
        ]
        assert Contact.objects.filter(kind="company").count() == 3


class TestConsent:
    COLUMN = {"index": 1, "target": "preference:newsletter"}

    def test_a_column_says_who_wants_mail(self, organization: Organization) -> None:
        job = run(organization, "email,news\na@x.org,yes\nb@x.org,no\nc@x.org,\n", self.COLUMN)
        found = dict(EmailPreference.objects.values_list("contact__email", "is_enabled"))
        assert found == {"a@x.org": True, "b@x.org": False}
        proof = EmailPreference.objects.first().proof  # type: ignore[union-attr]
        assert (proof["import"], proof["file"]) == (job.pk, "people.csv")

    def test_an_opt_out_is_protected(self, organization: Organization) -> None:
        contact = make_contact(organization, email="a@x.org")
        preferences_set(contact=contact, preferences={"newsletter": False}, actor=SCREEN)
        job = run(organization, "email,news\na@x.org,yes\n", self.COLUMN)
        assert job.counts == {"protected": 1}
        assert not EmailPreference.objects.get().is_enabled

    def test_declared_consent_subscribes_again_and_is_the_proof(
        self, organization: Organization
    ) -> None:
        out = make_contact(organization, email="a@x.org", is_subscribed=False)
        preferences_set(contact=out, preferences={"newsletter": False}, actor=SCREEN)
        job = run(organization, "email\na@x.org\n", consent=CONSENT)
        assert job.counts == {"updated": 1}
        out.refresh_from_db()
        preference = EmailPreference.objects.get()
        assert (out.is_subscribed, preference.is_enabled) == (True, True)
        assert preference.proof["source"] == CONSENT["source"]
        assert preference.proof["text"] == CONSENT["text"]

    def test_addresses_that_bounced_stay_without_mail(self, organization: Organization) -> None:
        suppression_add(email="a@x.org", reason="bounced")
        job = run(organization, "email\na@x.org\nb@x.org\n", consent=CONSENT)
        assert job.counts == {"protected": 1, "created": 1}
        assert not Contact.objects.get(email="a@x.org").is_subscribed
        assert EmailPreference.objects.get().contact.email == "b@x.org"

    def test_a_line_that_says_no_is_not_overruled(self, organization: Organization) -> None:
        column = {"index": 1, "target": "is_subscribed"}
        run(organization, "email,sub\na@x.org,no\nb@x.org,yes\n", column, consent=CONSENT)
        assert not Contact.objects.get(email="a@x.org").is_subscribed
        assert EmailPreference.objects.get().contact.email == "b@x.org"

    @pytest.mark.parametrize(
        ("consent", "path"),
        [
            ({"types": [], "source": "x"}, "consent.types"),
            ({"types": ["gossip"], "source": "x"}, "consent.types"),
            ({"types": ["newsletter"], "source": " "}, "consent.source"),
        ],
    )
    def test_a_declaration_says_what_and_where(
        self, organization: Organization, consent: dict[str, Any], path: str
    ) -> None:
        job = make_import(organization, "email\na@x.org\n", columns=[EMAIL])
        with pytest.raises(ValidationError) as refused:
            import_map(job=job, columns=[EMAIL], consent=consent)
        assert set(refused.value.error_dict) == {path}


class TestChoices:
    COLUMN = {"index": 1, "target": "custom:plan"}
    TEXT = "email,plan\na@x.org,GOLD\nb@x.org,Golden\nc@x.org,none\nd@x.org,Platinum\n"

    def test_values_stand_for_choices(self, organization: Organization) -> None:
        make_custom_field(organization, "plan", "choice", choices=["Gold", "Silver"])
        column = self.COLUMN | {
            "choices": {"golden": "Gold", "none": None, "Platinum": "Platinum"},
            "new_choices": ["Platinum"],
        }
        job = run(organization, self.TEXT, column)
        assert job.counts == {"created": 4}
        found = {c.email: c.custom_fields.get("plan") for c in Contact.objects.all()}
        wanted = {"a@x.org": "Gold", "b@x.org": "Gold", "c@x.org": None, "d@x.org": "Platinum"}
        assert found == wanted
        choices = CustomFieldDefinition.objects.get().choices
        assert choices == ["Gold", "Silver", "Platinum"]

    def test_lists_of_choices(self, organization: Organization) -> None:
        make_custom_field(organization, "plan", "multi_choice", choices=["Gold", "Silver"])
        column = self.COLUMN | {"choices": {"none": None, "Golden": "Gold"}}
        run(organization, "email,plan\na@x.org,none; Silver; golden\n", column)
        assert Contact.objects.get().custom_fields == {"plan": ["Gold", "Silver"]}

    def test_what_is_unknown_is_asked(self, organization: Organization) -> None:
        make_custom_field(organization, "plan", "choice", choices=["Gold"])
        columns = [EMAIL, self.COLUMN | {"choices": {"none": None}}]
        job = make_import(organization, self.TEXT, columns=columns)
        questions = mapping_questions(job=job, mapping=job.mapping)
        assert questions[1].values == (("Golden", 1), ("Platinum", 1))

    def test_a_new_field_begins_with_the_values_of_its_column(
        self, organization: Organization
    ) -> None:
        column = {"index": 1, "target": "custom:plan", "type": "choice"}
        run(organization, self.TEXT, column)
        assert CustomFieldDefinition.objects.get().choices == ["GOLD", "Golden", "Platinum", "none"]

    def test_a_new_field_of_very_many_choices_is_refused(self, organization: Organization) -> None:
        text = "email,plan\n" + "".join(f"a{n}@x.org,p{n}\n" for n in range(201))
        column = {"index": 1, "target": "custom:plan", "type": "choice"}
        with pytest.raises(ValidationError, match="more than 200 different values"):
            make_import(organization, text, columns=[EMAIL, column])


class TestConventions:
    def mapped(self, organization: Organization, *cells: str, kind: str = "date") -> ImportJob:
        rows = "".join(f'a{n}@x.org,"{cell}"\n' for n, cell in enumerate(cells))
        columns = [EMAIL, {"index": 1, "target": "custom:when", "type": kind}]
        return make_import(organization, f"email,when\n{rows}", columns=columns)

    def test_the_whole_column_says_what_comes_first(self, organization: Organization) -> None:
        job = self.mapped(organization, *["03/04/2024"] * 1500, "25/12/2024")
        assert job.mapping[1]["day_first"] is True
        job = imported(job)
        assert job.counts == {"created": 1501}
        assert Contact.objects.order_by("pk")[0].custom_fields == {"when": "2024-04-03"}

    def test_what_it_does_not_say_is_asked(self, organization: Organization) -> None:
        job = self.mapped(organization, "03/04/2024", "05/06/2024")
        assert "day_first" not in job.mapping[1]
        (question,) = mapping_questions(job=job, mapping=job.mapping).values()
        assert question.convention is not None
        assert question.convention.open_cells == ["03/04/2024", "05/06/2024"]

    @pytest.mark.parametrize(
        ("cells", "comma"), [(("1,5", "2"), True), (("1.5", "1,000.5"), False)]
    )
    def test_decimal_signs(
        self, organization: Organization, cells: tuple[str, ...], comma: bool
    ) -> None:
        job = self.mapped(organization, *cells, kind="number")
        assert job.mapping[1]["decimal_comma"] is comma

    def test_thousands_that_may_be_thousandths_are_asked(self, organization: Organization) -> None:
        job = self.mapped(organization, "1.234", "7", kind="number")
        (question,) = mapping_questions(job=job, mapping=job.mapping).values()
        assert question.convention is not None
        assert question.convention.open_cells == ["1.234"]
