"""An organization after months of work, and every screen that there is of it.

Long names, many tags, an import at each of its stages: what makes a page ugly if anything does.
"""

from collections.abc import Callable
from datetime import timedelta
from itertools import cycle

from django.core.files.base import ContentFile
from django.utils import timezone
from playwright.sync_api import Page

from contacts.models import (
    Contact,
    ContactChange,
    ContactHistory,
    ContactOperation,
    CustomFieldDefinition,
    OperationKind,
    SlotJob,
)
from contacts.services.contacts import contact_update, contacts_delete, contacts_patch
from contacts.services.flat_views import flat_views_sweep
from contacts.services.operations import operation_pause
from contacts.services.slots import slot_give
from imports.models import ExportJob, ExportStatus, ImportJob, ImportMapping, ImportStatus
from imports.services.control import (
    import_cancel,
    import_pause,
    import_start,
    import_undo,
    import_validate,
)
from imports.services.exporting import export_cancel
from imports.services.retention import retention_run
from imports.services.saved_mappings import mapping_save
from imports.services.uploads import import_create
from organizations.models import ApiKey, Notice, Organization, OrganizationMembership, User
from organizations.roles import Role
from organizations.scope import organization_scope
from organizations.services.api_keys import api_key_create, api_key_revoke
from organizations.services.notices import notice_give
from tags.models import Tag
from tags.services.tags import PALETTE, tag_create, tag_patch, tags_ensure
from tests.e2e.screen import Screen, submit
from tests.e2e.showcase_consent import consent_screens, make_consent
from tests.e2e.showcase_events import event_screens, make_events
from tests.e2e.showcase_segments import make_segments
from tests.factories import (
    SCREEN,
    checked,
    exported,
    imported,
    make_contact,
    make_custom_field,
    make_export,
    make_import,
    make_user,
)
from tests.work import run_queued_jobs

ORGANIZATION = "Kristiansund Friluftsliv & Turistforening"
COMPANY = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft"
WEBSITE = "https://example.com/a/path/that/goes/on/and/on/until/it/no/longer/fits/beside/anything"
HEADER = "E-mail,First name,Last name,Company,Job title,Phone,City,Country,Tags,Subscribed,Plan,Customer since,Preferred contact time\n"
PEOPLE = f"""kari.obrien@example.net,Kari,O’Brien,Blåbær AS,CTO,+47 917 74 319,Malmö,Sweden,"VIP, Partner",yes,Gold,2026-02-08,
rosa@example.net,Rosa,van der Berg-Śmigły-Rydz,North & Sons,Product manager,+47 960 16 326,Oslo,Norway,"VIP, Webinar 2026, Newsletter, Trade fair Hannover, Partner, Speaker",yes,Gold,2026-05-14,Mornings
a.very.long.address.that.some.system.made.up.for.somebody@mailings.subsidiary.example-corporation.com,Wolfeschlegelsteinhausenbergerdorff,Hubert Blaine,{COMPANY},Chief officer of everything that nobody else looks after,,Taumatawhakatangihangakoauauotamateaturipukakapikimaungahoronukupokaiwhenuakitanatahu,New Zealand,"Customers who asked to be called back before the end of the quarter, VIP",no,,2026-09-14,
oskar@example.org,Oskar,Costa,Kastanien GmbH,Buyer,+47 948 77 606,Nairobi,Kenya,Newsletter,yes,Silver,2026-05-20,
李@example.com,小龍,李,,,,台北,Taiwan,,yes,,,
nour@example.com,نور,الحسيني,شركة النور,,,القاهرة,Egypt,Partner,yes,Bronze,2026-05-20,
zoe@example.org,Zoë,García,Kastanien GmbH,Engineer,,Berlin,Germany,Lead,no,Silver,2026-07-15,Evenings
only@example.org,,,,,,,,,,,,
"""
TARGETS = [
    *("email", "first_name", "last_name", "company_name", "job_title", "phone", "city", "country"),
    *("tags", "is_subscribed", "custom:plan", "custom:customer_since"),
    "custom:preferred_contact_time",
]
# An address that is none, one that comes twice, a date that is none, a blank line, somebody known, an opt-out.
MIXED = """rosa@example.net,Rosa,van der Berg,North & Sons,Head of product,+47 960 16 326,Oslo,Norway,VIP,yes,Gold,2026-05-14,
zoe@example.org,Zoë,García,Kastanien GmbH,Lead engineer,,Berlin,Germany,Lead,yes,Silver,2026-07-15,
kari.obrien@example.net,Kari,O’Brien,Blåbær AS,CTO,+47 917 74 319,Malmö,Sweden,VIP,yes,Gold,2026-02-08,
not-an-address,Ximena,García,Kastanien GmbH,,,Kraków,Poland,VIP,yes,Gold,2026-08-22,
ella@example.com,Ella,Ivanova,Blåbær AS,Designer,+47 934 37 128,Kraków,Poland,,yes,Silver,2026-04-25,
ella@example.com,Ella,Ivanova,Blåbær AS,Designer,+47 934 37 128,Kraków,Poland,,yes,Silver,2026-04-25,

viktor@example.com,Viktor,Dubois,Ateliê Sol,CTO,,Malmö,Sweden,Partner,yes,,31.31.2026,
liam@example.com,Liam,Jensen,Maple Works,Founder,12,Lisbon,Portugal,,maybe,Silver,2026-01-05,
"""
UNMAPPED = "E-mail;Vorname;Birthday;Shoe size;Wants our newsletter, and which one;Empty\nana@example.org;Ana;31/01/1990;38;yes, the monthly one;\nbo@example.org;Bo;01/02/1991;41;no;\n"
OPEN_QUESTIONS = """email,Which plan,Met on,Firm
ana@example.org,Golden,03/04/2024,Maple Works
bo@example.org,Golden,05/06/2024,Oak & Sons
cy@example.org,Platinum with everything that there is and more,07/08/2024,
"""
TAGS = [
    *("Lead", "Customer", "Partner", "Speaker", "Member", "Volunteer", "Board", "Press", "Alumni"),
    *(
        f"Webinar {month} 2026"
        for month in ("January", "February", "March", "April", "May", "June")
    ),
    *("Newsletter", "Trade fair Hannover", "Unreachable by phone", "Call back", "Do not call"),
]


def _notices(user: User) -> None:
    for tone in ("good", "bad"):
        text = "12 created, 3 failed. The rows that failed can be downloaded, corrected and imported again."
        notice_give(
            user=user,
            title=f"“{COMPANY} contacts.csv” is imported",
            text=text,
            link="/imports/",
            tone=tone,
        )


def make_showcase(organization: Organization, owner: User) -> list[Screen]:
    """Fill an organization; returns its screens, under the same names each time."""
    with organization_scope(organization):
        _fields_and_tags(organization)
        jobs = _finished_imports(organization)
        contact, deleted = _people(organization)
        make_consent(contact)
        make_events(contact)
        operation = _operation()
        key = _api_keys(owner)
        _members(organization)
        _set_aside(contact)
        mapping = _mappings(jobs)
        jobs |= _unfinished_imports(organization)
        exports = _exports(organization)
        _indexes()
        _notices(owner)
        segments = make_segments(organization, contact)
        return [
            *_contact_screens(contact, deleted, operation),
            *consent_screens(contact),
            *segments,
            *event_screens(contact),
            *_import_screens(jobs),
            *_mapping_screens(mapping),
            *_export_screens(exports),
            *_admin_screens(contact, key, mapping),
        ]


def _indexes() -> None:
    """One that is ready, one that grows and one that was given up; and the view for BI tools."""
    plan, since, time = (
        CustomFieldDefinition.objects.get(key=key)
        for key in ("plan", "customer_since", "preferred_contact_time")
    )
    slot_give(definition=plan)
    flat_views_sweep()
    run_queued_jobs()
    for field in (since, time):
        slot_give(definition=field)
    growing = {"status": "running", "progress_total": 1_200_000, "progress_done": 540_000}
    SlotJob.objects.filter(definition=since).update(**growing)
    failed = {"status": "failed", "error": "OperationalError: could not extend file: no space left"}
    SlotJob.objects.filter(definition=time).update(**failed)


def _fields_and_tags(organization: Organization) -> None:
    make_custom_field(organization, "plan", "choice", choices=["Gold", "Silver", "Bronze"])
    make_custom_field(organization, "customer_since", "date")
    label = "How and when this person would rather be contacted by our volunteers"
    make_custom_field(organization, "preferred_contact_time", label=label)
    make_custom_field(organization, "website", "url")
    tag_create(name="VIP", color="#b45309", description="People who are called, never mailed. " * 4)
    for name, color in zip(TAGS, cycle(PALETTE), strict=False):
        tag_create(name=name, color=color)


def _file_of(organization: Organization, name: str, text: str) -> ImportJob:
    columns = [{"index": index, "target": target} for index, target in enumerate(TARGETS)]
    return make_import(
        organization, HEADER + text, name=f"{name}.csv", columns=columns, source="Spring fair"
    )


def _numbered(name: str, count: int = 30) -> str:
    return "".join(
        f"{name}{n}@example.com,{name.title()},No. {n},,,,,,,,,,\n" for n in range(count)
    )


def _finished_imports(organization: Organization) -> dict[str, ImportJob]:
    jobs = {"completed": imported(_file_of(organization, "members", PEOPLE))}
    zoe = Contact.objects.get(email="zoe@example.org")
    contact_update(contact=zoe, patch={"is_subscribed": False}, actor=SCREEN, notes="By phone")
    jobs["partial"] = imported(_file_of(organization, "newsletter", MIXED))
    later = MIXED.replace("Lead engineer", "Chief engineer").replace("ella@", "elsa@")
    later = later.replace("Head of product,+47 960", "Chief product officer,+47 961")
    jobs["checked"] = checked(_file_of(organization, "Trade fair in Hannover (final, 3)", later))
    jobs["undone"] = imported(_file_of(organization, "undone", _numbered("undone")))
    import_undo(job=jobs["undone"], actor=SCREEN)
    run_queued_jobs()
    jobs["cancelled"] = import_cancel(job=_file_of(organization, "gone", _numbered("gone", 3)))
    jobs["forgotten"] = _archived(imported(_file_of(organization, "forgotten", MIXED)), days=366)
    jobs["archived"] = _archived(imported(_file_of(organization, "archived", MIXED)), days=1)
    return jobs


def _archived(job: ImportJob, days: int) -> ImportJob:
    """An import of long ago, in the archive for some days, or for so many that it is gone from there too."""
    now = timezone.now()
    ImportJob.objects.filter(pk=job.pk).update(finished_at=now - timedelta(days=91))
    retention_run()
    ImportJob.objects.filter(pk=job.pk).update(records_archived_at=now - timedelta(days=days))
    retention_run()
    return job


def _mappings(jobs: dict[str, ImportJob]) -> ImportMapping:
    mapping_save(job=jobs["undone"], name="Monthly list", actor=SCREEN)
    return mapping_save(job=jobs["completed"], name=COMPANY, actor=SCREEN)


def _unfinished_imports(organization: Organization) -> dict[str, ImportJob]:
    """Their jobs wait in the queue, where nobody takes them."""
    draft = ContentFile(UNMAPPED.encode(), name="Menschen.csv")
    jobs = {"draft": import_create(file=draft, actor=SCREEN)}
    asked = ContentFile(OPEN_QUESTIONS.encode(), name="Questions.csv")
    jobs["asked"] = import_create(file=asked, actor=SCREEN)
    jobs["checking"] = import_validate(job=_file_of(organization, "checking", PEOPLE))
    jobs["undoing"] = imported(_file_of(organization, "undoing", _numbered("undoing")))
    import_undo(job=jobs["undoing"], actor=SCREEN)
    jobs["undo-paused"] = imported(_file_of(organization, "undo-paused", _numbered("later")))
    import_undo(job=jobs["undo-paused"], actor=SCREEN)
    operation_pause(operation=ContactOperation.objects.latest("pk"))
    for name in ("running", "paused", "stopped"):
        job = checked(_file_of(organization, name, _numbered(name)))
        jobs[name] = import_start(job=job, actor=SCREEN)
        half_way = {"processed_records": 12, "progress_done": 12, "counts": {"created": 12}}
        ImportJob.objects.filter(pk=job.pk).update(**half_way)
    import_pause(job=jobs["paused"])
    jobs["refused"] = _file_of(organization, "refused", PEOPLE)
    failed = {"status": ImportStatus.FAILED, "error": "OSError: No space left on device"}
    ImportJob.objects.filter(pk__in=[jobs["stopped"].pk, jobs["refused"].pk]).update(**failed)
    return jobs


def _exports(organization: Organization) -> dict[str, ExportJob]:
    """One at each of its stages; the running one waits for a worker that never comes."""
    long = {"q": "wolfeschlegelsteinhausenbergerdorff " * 3, "tag": "VIP", "is_subscribed": "true"}
    stages = ("completed", "removed", "failed")
    jobs = {stage: exported(make_export(organization)) for stage in stages}
    jobs["running"] = make_export(organization, filters=long, format="xlsx")
    jobs["cancelled"] = export_cancel(job=make_export(organization))
    half_way = {"progress_done": 12_345, "progress_total": 50_000, "started_at": timezone.now()}
    ExportJob.objects.filter(pk=jobs["running"].pk).update(phase="write", **half_way)
    ExportJob.objects.filter(pk=jobs["removed"].pk).update(removed_at=timezone.now())
    failed = {"status": ExportStatus.FAILED, "error": "OSError: No space left on device"}
    ExportJob.objects.filter(pk=jobs["failed"].pk).update(**failed)
    return jobs


def _people(organization: Organization) -> tuple[Contact, Contact]:
    """Somebody who was edited a lot, and somebody who was deleted."""
    rosa = Contact.objects.get(email="rosa@example.net")
    for city in ("Bergen", "Trondheim", "Oslo"):
        contact_update(contact=rosa, patch={"city": city}, actor=SCREEN, notes="Moved")
    patch = tag_patch(add=tags_ensure(names=TAGS).values())
    contact_update(contact=rosa, patch=patch, actor=SCREEN)
    contact_update(contact=rosa, patch={"custom:website": WEBSITE}, actor=SCREEN)
    make_contact(organization, kind="company", email=None, company_name=COMPANY, is_active=False)
    deleted = make_contact(organization, first_name="Bob", last_name="Tables")
    contacts_delete(ids=[deleted.pk], actor=SCREEN, notes="Asked for it")
    return rosa, deleted


def _operation() -> ContactOperation:
    """A change of many contacts, some of which were edited since."""
    ids = list(Contact.objects.values_list("pk", flat=True)[:6])
    label = "Set the country of 6 contacts"
    operation = contacts_patch(ids=ids, patch={"country": "Norway"}, actor=SCREEN, label=label)
    contacts_patch(ids=ids[:2], patch={"country": "Sweden"}, actor=SCREEN, label="Corrected")
    return operation


def _api_keys(owner: User) -> ApiKey:
    ago = timezone.now() - timedelta(days=3)
    api_key_create(name="Web shop (Kristiansund, production)", role=Role.ADMIN, created_by=owner)
    api_key_create(name="Old reports", role=Role.VIEWER, created_by=owner, expires_at=ago)
    key, _ = api_key_create(name="Leaked", role=Role.MARKETER, created_by=owner)
    return api_key_revoke(key=key)


def _members(organization: Organization) -> None:
    long = "Maximiliane-Alexandra von Hohenzollern-Sigmaringen"
    for role in (Role.ADMIN, Role.MARKETER, Role.VIEWER):
        make_user(organization, role=role, name=long if role == Role.ADMIN else "")


def _set_aside(contact: Contact) -> None:
    ContactChange.objects.create(
        contact_id=contact.pk,
        kind="contact.updated",
        failures=5,
        error="ValueError: " + "the handler could not make sense of it, " * 5,
        set_aside_at=timezone.now(),
    )


def _click(name: str) -> Callable[[Page], object]:
    return lambda page: page.get_by_role("button", name=name).click()


def _where(label: str) -> Callable[[Page], object]:
    """Open what says where a value comes from."""
    return lambda page: page.locator("summary", has_text=f"Where “{label}” comes from").click()


def _press(*keys: str) -> Callable[[Page], object]:
    return lambda page: [page.keyboard.press(key) for key in keys]


def _open_navigation(page: Page) -> None:
    """On a narrow screen; a wide one always shows it."""
    page.evaluate("document.querySelector('.k-nav-open').click()")


def _ask(page: Page) -> None:
    """A mapping that leaves open what only the owner of the file knows, with everything unfolded."""
    for column, target in enumerate(("email", "custom:plan", "new", "company_name")):
        page.locator(f"#id_column-{column}-target").select_option(target)
    page.locator("#id_column-2-type").select_option("date")
    submit("Check the file")(page)
    page.evaluate("document.querySelectorAll('details').forEach((each) => { each.open = true; })")


def _search(page: Page) -> None:
    page.keyboard.press("Control+k")
    page.keyboard.type("ros")
    page.locator("#k-palette-results a").first.wait_for()


def _contact_screens(
    contact: Contact, deleted: Contact, operation: ContactOperation
) -> list[Screen]:
    tag = Tag.objects.get(name="VIP")
    field = CustomFieldDefinition.objects.get(key="plan")
    undo = ContactOperation.objects.filter(kind=OperationKind.UNDO).latest("pk")
    person = f"contacts/{contact.pk}/"
    filters = "contacts/?q=example&tag=VIP&is_subscribed=true&created_in_last=30d"
    return [
        Screen("home", ""),
        Screen("notices", "notices/"),
        Screen("account", "", lambda page: page.locator(".k-user summary").click()),
        Screen("navigation", "", _open_navigation),
        Screen("palette", "", _search),
        Screen("shortcuts", "", _press("?")),
        Screen("contacts", "contacts/"),
        Screen("contacts-filtered", filters),
        Screen(
            "contacts-filter",
            "contacts/",
            lambda page: page.locator("summary", has_text="Filter").click(),
        ),
        Screen("contacts-selected", "contacts/", _press("j", "x", "j", "j", "Shift+X")),
        Screen("contacts-tag", "contacts/", _press("j", "x", "t")),
        Screen("contacts-none", "contacts/?q=nobodyhasthis"),
        Screen("contacts-wrong", "contacts/?created_after=soon"),
        Screen("contact-new", "contacts/new/"),
        Screen("contact-errors", "contacts/new/", submit("Add contact")),
        Screen("contact", person),
        Screen("contact-source", person, _where("Company")),
        Screen("contact-source-consent", person, _where("Subscribed")),
        Screen("contact-editing", person, lambda page: page.locator("#edit-identity").click()),
        Screen("contact-delete", person, _click("Delete…")),
        Screen("contact-edit", f"{person}edit/custom/"),
        Screen("contact-deleted", f"contacts/{deleted.pk}/"),
        Screen("operations", "operations/"),
        Screen("operation", f"operations/{operation.pk}/"),
        Screen("operation-undo", f"operations/{undo.pk}/"),
        Screen("fields", "custom-fields/"),
        Screen("field-new", "custom-fields/new/"),
        Screen("field", f"custom-fields/{field.pk}/"),
        Screen("tags", "tags/"),
        Screen("tag-new", "tags/new/"),
        Screen("tag", f"tags/{tag.pk}/"),
        Screen("not-found", "contacts/0/"),
    ]


def _import_screens(jobs: dict[str, ImportJob]) -> list[Screen]:
    draft = f"imports/{jobs['draft'].pk}/map/"
    return [
        Screen("imports", "imports/"),
        Screen("import-new", "imports/new/"),
        Screen("import-new-errors", "imports/new/", _click("Continue to the columns")),
        Screen("import-map", draft),
        Screen("import-map-errors", draft, submit("Check the file")),
        Screen("import-map-asked", f"imports/{jobs['asked'].pk}/map/", _ask),
        *(Screen(f"import-{stage}", f"imports/{job.pk}/") for stage, job in jobs.items()),
        Screen("import-row", f"imports/{jobs['completed'].pk}/?row=3#row-3"),
        Screen("import-bucket", f"imports/{jobs['checked'].pk}/?bucket=protected"),
        Screen("import-undo", f"imports/{jobs['partial'].pk}/undo/"),
        Screen("import-redo", f"imports/{jobs['undone'].pk}/redo/"),
        Screen("import-cancel", f"imports/{jobs['running'].pk}/cancel/"),
    ]


def _mapping_screens(mapping: ImportMapping) -> list[Screen]:
    path = f"imports/mappings/{mapping.pk}/"
    return [
        Screen("mappings", "imports/mappings/"),
        Screen("mapping", path),
        Screen("mapping-errors", path, _rename_to("monthly LIST")),
        Screen("mapping-delete", f"{path}delete/"),
    ]


def _rename_to(name: str) -> Callable[[Page], object]:
    return lambda page: (page.get_by_label("Name").fill(name), submit("Save")(page))


def _export_screens(jobs: dict[str, ExportJob]) -> list[Screen]:
    return [
        Screen("exports", "exports/"),
        Screen("export-new", "exports/new/?tag=VIP&columns=status,tags,place,created_at"),
        Screen("export-new-all", "exports/new/?all=1"),
        Screen("export-new-nobody", "exports/new/?q=nobodyhasthis"),
        Screen("export-new-wrong", "exports/new/?created_after=soon"),
        *(Screen(f"export-{stage}", f"exports/{job.pk}/") for stage, job in jobs.items()),
    ]


def _admin_screens(contact: Contact, key: ApiKey, mapping: ImportMapping) -> list[Screen]:
    member = OrganizationMembership.objects.exclude(role=Role.OWNER).latest("pk")
    history = ContactHistory.objects.latest("pk")
    notice = Notice.objects.latest("pk")
    kept = f"admin/imports/importmapping/{mapping.pk}"
    models = (
        *("contacts/contact", "contacts/contacthistory", "contacts/contactoperation"),
        *("contacts/contactchange", "contacts/customfielddefinition", "tags/tag"),
        *("contacts/preferencetype", "contacts/relationshiptype", "contacts/suppression"),
        *("contacts/emailpreference", "contacts/relationship", "contacts/identifier"),
        *("imports/importjob", "imports/importmapping", "imports/exportjob"),
        *("organizations/organizationmembership", "organizations/apikey"),
        *("organizations/organization", "organizations/notice"),
    )
    return [
        Screen("admin", "admin/"),
        *(Screen(f"admin-{each.split('/')[1]}", f"admin/{each}/") for each in models),
        Screen("admin-contact-change", f"admin/contacts/contact/{contact.pk}/change/"),
        Screen("admin-contact-delete", f"admin/contacts/contact/{contact.pk}/delete/"),
        Screen("admin-history-change", f"admin/contacts/contacthistory/{history.pk}/change/"),
        Screen("admin-mapping-change", f"{kept}/change/"),
        Screen("admin-mapping-delete", f"{kept}/delete/"),
        Screen("admin-notice-change", f"admin/organizations/notice/{notice.pk}/change/"),
        Screen("admin-tag-add", "admin/tags/tag/add/"),
        Screen("admin-field-add", "admin/contacts/customfielddefinition/add/"),
        Screen("admin-suppression-add", "admin/contacts/suppression/add/"),
        Screen("admin-member-add", "admin/organizations/organizationmembership/add/"),
        Screen(
            "admin-member-change",
            f"admin/organizations/organizationmembership/{member.pk}/change/",
        ),
        Screen("admin-key-add", "admin/organizations/apikey/add/"),
        Screen("admin-key-change", f"admin/organizations/apikey/{key.pk}/change/"),
        Screen(
            "admin-settings-change",
            f"admin/organizations/organization/{key.organization_id}/change/",
        ),
        Screen("admin-password", "admin/password_change/"),
    ]
