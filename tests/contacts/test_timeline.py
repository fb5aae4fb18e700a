"""The timeline of a contact: what it is made of, in which order, page by page, and on the contact's page."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given, settings
from hypothesis import strategies as st

from contacts.models import Contact, ContactActivity
from contacts.selectors.latest_events import latest_events
from contacts.selectors.timeline import contact_timeline, pinned_activities, timeline_days
from contacts.timeline import Bound
from organizations.models import Organization
from organizations.roles import Role
from organizations.scope import organization_scope
from tests.contacts.events import NOW, ago, event, make_activity, record
from tests.factories import make_contact, make_organization
from tests.screens import Screens

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


@pytest.fixture
def screens() -> Screens:
    return Screens(make_organization())


@pytest.fixture
def ana(organization: Organization) -> Contact:
    return make_contact(organization, first_name="Ana")


def told(contact: Contact, **options: Any) -> list[tuple[str, str, int]]:
    """Source, words and count of what a page shows."""
    page = contact_timeline(contact=contact, **options)
    days = timeline_days(contact=contact, happenings=page.happenings)
    return [
        (each.source.name, getattr(each.item, "words", ""), each.count)
        for _, of_day in days
        for each in of_day
    ]


def walk(contact: Contact, **options: Any) -> list[tuple[datetime, str, int]]:
    """Everything, page by page."""
    found, before = [], None
    while True:
        page = contact_timeline(contact=contact, before=before, **options)
        found += [(each.at, each.source.name, each.pk) for each in page.happenings]
        before = page.older
        if before is None:
            return found


def test_what_happened_was_said_and_was_changed_is_in_one_order(ana: Contact) -> None:
    record(
        event(ana, "email_opened", occurred_at=ago(days=3)),
        event(ana, "webinar_attended", occurred_at=ago(days=1)),
    )
    make_activity(ana, "call", occurred_at=NOW - timedelta(days=2))
    assert told(ana) == [
        ("history", "", 1),
        ("events", "Webinar attended", 1),
        ("activities", "", 1),
        ("emails", "Opened an e-mail", 1),
    ]
    assert told(ana, kinds=["emails"]) == [("emails", "Opened an e-mail", 1)]
    assert told(ana, kinds=["events", "activities"])[0][0] == "events"


def test_what_is_alike_is_one_a_day(ana: Contact) -> None:
    of_mail = {"source_id": "m1", "data": {"subject": "Spring"}}
    record(
        *(event(ana, "email_opened", occurred_at=ago(minutes=m), **of_mail) for m in (1, 5, 90)),
        event(ana, "email_clicked", occurred_at=ago(minutes=3), source_id="m1"),
        event(ana, "email_opened", occurred_at=ago(minutes=4), source_id="m2"),
        event(ana, "email_opened", occurred_at=ago(days=1), **of_mail),
    )
    opened = ("emails", "Opened an e-mail")
    assert told(ana, kinds=["emails"]) == [
        (*opened, 3),
        ("emails", "Clicked a link", 1),
        (*opened, 1),
        (*opened, 1),
    ]


@settings(max_examples=8)
@given(
    hours=st.lists(
        st.tuples(st.sampled_from(["email_sent", "email_opened", "a", "b"]), st.integers(0, 5)),
        max_size=20,
    ),
    notes=st.lists(st.integers(0, 5), max_size=6),
    limit=st.integers(1, 7),
)
def test_pages_are_the_whole_whatever_happened_at_once(
    hours: list[tuple[str, int]], notes: list[int], limit: int
) -> None:
    organization = make_organization()
    with organization_scope(organization):
        contact = make_contact(organization)
        record(*(event(contact, name, occurred_at=ago(hours=hour)) for name, hour in hours))
        for hour in notes:
            make_activity(contact, occurred_at=NOW - timedelta(hours=hour))
        whole = [
            (each.at, each.source.name, each.pk)
            for each in contact_timeline(contact=contact, limit=1000).happenings
        ]
        assert len(whole) == len(hours) + len(notes) + 1
        assert [at for at, _, _ in whole] == sorted((at for at, _, _ in whole), reverse=True)
        assert walk(contact, limit=limit) == whole
        mails = [each for each in whole if each[1] == "emails"]
        assert walk(contact, limit=limit, kinds=["emails"]) == mails


@pytest.mark.parametrize("cursor", ["nonsense", "WzFd", "Ww", "bnVsbA"])
def test_cursors_that_were_not_given_out_are_refused(ana: Contact, cursor: str) -> None:
    with pytest.raises(ValidationError):
        contact_timeline(contact=ana, before=cursor)
    with pytest.raises(ValidationError):
        contact_timeline(contact=ana, kinds=["nonsense"])


def test_the_latest_are_found_whatever_kinds_there_are(
    organization: Organization, ana: Contact
) -> None:
    kinds = [f"kind_{n:02}" for n in range(12)] + ["email_opened"]
    record(
        *(
            event(ana, kind, occurred_at=ago(hours=number), data={"user_agent": "Googlebot/2.1"})
            for number, kind in enumerate(kinds * 3)
        ),
        event(make_contact(organization), "kind_00", occurred_at=ago(hours=0)),
    )
    latest = latest_events(contact_id=ana.pk, amount=20)
    assert [each.event_type for each in latest] == (kinds * 2)[:20]
    behind = Bound(latest[4].occurred_at, latest[4].pk)
    assert latest_events(contact_id=ana.pk, amount=15, bound=behind) == latest[5:]
    without = latest_events(contact_id=ana.pk, amount=5, without=kinds[1:])
    assert {each.event_type for each in without} == {"kind_00"}
    people = latest_events(contact_id=ana.pk, amount=99, is_of_people=True)
    assert "email_opened" not in {each.event_type for each in people}


def test_as_many_queries_for_a_long_timeline_as_for_a_short_one(ana: Contact) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            page = contact_timeline(contact=ana)
            timeline_days(contact=ana, happenings=page.happenings)
        return len(captured)

    record(event(ana, "email_opened"), event(ana, "a"))
    make_activity(ana)
    few = queries()
    record(*(event(ana, name, occurred_at=ago(hours=n)) for n, name in enumerate("abcdefgh" * 6)))
    for _ in range(5):
        make_activity(ana)
    assert queries() == few


def test_the_page_shows_the_timeline_and_older_parts_of_it(screens: Screens) -> None:
    ana = make_contact(screens.organization, first_name="Ana")
    with organization_scope(screens.organization):
        record(
            *(
                event(ana, f"kind_{n}", occurred_at=ago(hours=n), data={"title": f"Title {n}"})
                for n in range(60)
            )
        )
        older = contact_timeline(contact=ana).older
    path = f"contacts/{ana.pk}/"
    page = screens.get(path).content.decode()
    assert "Kind 0<" in page
    assert "Title 48<" in page
    assert "Title 49<" not in page
    below = screens.get(f"{path}timeline/", {"before": older}, **HTMX).content.decode()
    assert "Title 49<" in below
    assert "Title 59<" in below
    assert "Title 48<" not in below
    # Without JavaScript the same link leads to the page itself.
    plain = screens.get(path, {"before": older}).content.decode()
    assert "Title 59<" in plain
    assert "Back to the latest" in plain
    only = screens.get(path, {"show": "history"}).content.decode()
    assert "Title 0<" not in only
    for query in ({"show": "nonsense"}, {"before": "nonsense"}):
        assert screens.get(path, query).status_code == 404
        assert screens.get(f"{path}timeline/", query).status_code == 404


def test_the_card_says_why_the_score_is_what_it_is(screens: Screens) -> None:
    ana = make_contact(screens.organization, first_name="Ana")
    path = f"contacts/{ana.pk}/"
    assert "Nothing that counts has happened yet" in screens.get(path).content.decode()
    with organization_scope(screens.organization):
        record(
            event(ana, "form_submitted", occurred_at=datetime.now(NOW.tzinfo).isoformat()),
            event(ana, "email_sent"),
            event(ana, "email_opened", data={"user_agent": "Googlebot/2.1"}),
            now=datetime.now(NOW.tzinfo),
        )
    page = screens.get(path).content.decode()
    assert "<dt>Score now</dt><dd>5.0</dd>" in page
    assert "Engaged</span>" in page
    reasons = page.partition("Why this score?")[2].partition("</details>")[0]
    assert "Submitted a form" in reasons
    assert "5.00" in reasons
    assert "Opened" not in reasons
    assert "sent" not in reasons


def test_events_of_ones_own_tell_some_of_their_data(ana: Contact) -> None:
    order = {"total": 99.5, "is_gift": True, "items": [1], "note": "x" * 99, "user_agent": "curl"}
    record(
        event(ana, "order_placed", data=order | {"name": "Order 7", "currency": "EUR", "count": 2}),
        event(ana, "order_placed", data={"name": "Order 7", "total": 12.0}),
        event(ana, "order_placed", data={"name": "Order 7", "total": 12.0}),
        event(ana, "email_clicked", data={"subject": "Spring", "url": "/tours", "total": 1}),
        event(ana, "page_visited", data={"url": "/tours", "total": 1}),
    )
    happenings = contact_timeline(contact=ana, kinds=["emails", "events"]).happenings
    [(_, told)] = timeline_days(contact=ana, happenings=happenings)
    details = [(each.item.subject, each.count, dict(each.item.details)) for each in told]
    assert sorted(details, key=repr) == sorted(
        [
            ("Spring", 1, {"url": "/tours"}),
            ("/tours", 1, {}),
            ("Order 7", 2, {"total": "12"}),
            ("Order 7", 1, {"count": "2", "total": "99.5", "is gift": "yes"}),
        ],
        key=repr,
    )


def test_below_a_day_stands_the_hour(screens: Screens) -> None:
    Organization.objects.update(timezone="Europe/Oslo")
    ana = make_contact(screens.organization, first_name="Ana")
    with organization_scope(screens.organization):
        record(event(ana, "a", occurred_at="2026-02-01T09:30:20Z"))
        make_activity(ana, occurred_at=datetime.fromisoformat("2026-02-01T08:05:00Z"))
    page = screens.get(f"contacts/{ana.pk}/").content.decode()
    assert 'title="1 February 2026, 10:30:20 CET">10:30</time>' in page
    assert ">09:05</time>" in page


@pytest.mark.parametrize(
    ("text", "is_folded"), [("Short\n" * 5, False), ("Line\n" * 8, True), ("word " * 200, True)]
)
def test_long_notes_are_folded_wherever_they_stand(
    screens: Screens, text: str, is_folded: bool
) -> None:
    ana = make_contact(screens.organization, first_name="Ana")
    make_activity(ana, data={"text": text}, is_pinned=True)
    page = screens.get(f"contacts/{ana.pk}/").content.decode()
    assert page.count("Show all</span>") == (2 if is_folded else 0)


def test_what_is_written_from_right_to_left_turns_nothing_beside_it(screens: Screens) -> None:
    name = "\u202eana"
    ana = make_contact(screens.organization, first_name=name)
    with organization_scope(screens.organization):
        record(event(ana, "\u05d0", data={"title": name, "total": name}))
    page = screens.get(f"contacts/{ana.pk}/").content.decode()
    assert f"<bdi>{name}</bdi>" in page.partition("<h1")[2].partition("</h1>")[0]
    assert f'<p dir="auto">{name}</p>' in page
    assert f"<dd><bdi>{name}</bdi></dd>" in page


class TestActivitiesOfThePage:
    @pytest.fixture
    def contact(self, screens: Screens) -> Contact:
        return make_contact(screens.organization, first_name="Ana")

    def post(self, screens: Screens, contact: Contact, **values: str) -> Any:
        return screens.post(f"contacts/{contact.pk}/activities/", values, **HTMX)

    def test_a_note_is_added_pinned_and_deleted(self, screens: Screens, contact: Contact) -> None:
        answer = self.post(screens, contact, activity_type="note", text="Likes <tea>")
        assert answer.status_code == 200
        page = answer.content.decode()
        assert "Likes &lt;tea&gt;" in page
        assert "Note was added." in page
        with organization_scope(screens.organization):
            note = ContactActivity.objects.get()
            assert note.created_by == screens.user
            self.post(screens, contact, change=f"{note.pk}:pin")
            assert pinned_activities(contact=contact) == [note]
            assert "k-pinned" in screens.get(f"contacts/{contact.pk}/").content.decode()
            self.post(screens, contact, change=f"{note.pk}:unpin")
            assert pinned_activities(contact=contact) == []
            self.post(screens, contact, change=f"{note.pk}:delete")
            assert not ContactActivity.objects.exists()
        gone = self.post(screens, contact, change=f"{note.pk}:delete").content.decode()
        assert "It is gone already." in gone

    def test_the_address_follows_what_is_shown(self, screens: Screens, contact: Contact) -> None:
        address = screens.address(f"contacts/{contact.pk}/")
        chips = screens.get(f"contacts/{contact.pk}/", {"show": "emails"}).content.decode()
        assert f'hx-push-url="{address}?show=history"' in chips
        note = {"activity_type": "note", "text": "Likes tea"}
        for asked, expected in (("", None), ("?show=emails", address)):
            at = {"HX-Current-URL": f"http://testserver{address}{asked}"}
            answer = screens.post(f"contacts/{contact.pk}/activities/", note, **HTMX, **at)
            assert answer.headers.get("HX-Replace-Url") == expected

    def test_times_are_those_of_the_organization(self, screens: Screens, contact: Contact) -> None:
        Organization.objects.update(timezone="Europe/Oslo")
        self.post(screens, contact, activity_type="call", occurred_at="2026-02-01T10:30")
        with organization_scope(screens.organization):
            assert ContactActivity.objects.get().occurred_at.isoformat() == (
                "2026-02-01T09:30:00+00:00"
            )

    @pytest.mark.parametrize(
        "values",
        [
            {"activity_type": "note", "text": " "},
            {"activity_type": "dance", "text": "x"},
            {"activity_type": "call", "text": "x", "occurred_at": "yesterday"},
            {"activity_type": "call", "text": "x" * 10_001},
        ],
    )
    def test_what_is_wrong_is_said_and_kept_in_the_form(
        self, screens: Screens, contact: Contact, values: dict[str, str]
    ) -> None:
        answer = self.post(screens, contact, **values)
        assert 'role="alert"' in answer.content.decode()
        with organization_scope(screens.organization):
            assert not ContactActivity.objects.exists()

    def test_without_htmx_the_page_comes_back(self, screens: Screens, contact: Contact) -> None:
        answer = screens.post(
            f"contacts/{contact.pk}/activities/", {"activity_type": "note", "text": "Hello"}
        )
        assert answer.status_code == 302
        page = screens.get(f"contacts/{contact.pk}/").content.decode()
        assert "Note was added." in page

    def test_whom_it_is_not_for(self, screens: Screens, contact: Contact) -> None:
        viewer = Screens(screens.organization, role=Role.VIEWER)
        values = {"activity_type": "note", "text": "x"}
        assert self.post(viewer, contact, **values).status_code == 403
        assert "activity-text" not in viewer.get(f"contacts/{contact.pk}/").content.decode()
        stranger = make_contact(make_organization())
        assert self.post(screens, stranger, **values).status_code == 404
        other = make_activity(make_contact(screens.organization))
        self.post(screens, contact, change=f"{other.pk}:delete")
        with organization_scope(screens.organization):
            assert ContactActivity.objects.filter(pk=other.pk).exists()
