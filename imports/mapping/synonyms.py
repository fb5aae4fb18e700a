"""Names that other products, and people, give to what a contact has."""

import re
import unicodedata
from collections.abc import Iterator
from typing import Final

TARGETS: Final = (
    "email", "external_id", "phone", "first_name", "last_name", "full_name", "company_name",
    "job_title", "city", "country", "language", "timezone", "source", "is_subscribed", "kind",
    "tags",
)  # fmt: skip

# Per target one name a line or between commas, the surest first. Mailchimp, HubSpot, Salesforce,
# Google Contacts, Outlook, Ghost, Shopify, Klaviyo; English and German.
_NAMES: Final = {
    "email": """
        email, email address, e-mail, e-mail address, mail, mail address, email addr, emails,
        email 1, e-mail 1 - value, e-mail 1 value, primary email, email primary, contact email,
        work email, email work, business email, person email, member email, customer email,
        user email, subscriber email, subscriber, recipient, your email, electronic mail,
        e-mail-adresse, emailadresse, mailadresse, e-mail adresse, e-mail-anschrift,
        e-mail (geschäftlich), kunden-e-mail, email id
    """,
    "external_id": """
        external id, external identifier, externalid, identifier, contact id, customer id, user id,
        member id, person id, subscriber id, client id, lead id, account id, record id, crm id,
        contact key, customer number, customer no, client number, member number, uuid, guid, id,
        unique id, euid, source id, foreign id, reference id,
        kundennummer, kunden-nr, kunden nr, kundennr, kunden-id, kontakt-id, mitgliedsnummer,
        mitglieds-nr, externe id, personennummer
    """,
    "phone": """
        phone, phone number, mobile, mobile phone, mobile number, mobile phone number, cell,
        cell phone, cell number, cellphone, telephone, telephone number, tel, tel no, phone no,
        phone 1, phone 1 - value, phone 1 value, primary phone, contact phone, contact phone number,
        work phone, business phone, home phone, phone mobile, sms, sms number, sms phone number,
        whatsapp, whatsapp number, whatsapp phone number, main phone, default phone, msisdn,
        telefon, telefonnummer, telefon-nr, tel-nr, handy, handynummer, mobil, mobilnummer,
        mobiltelefon, mobilfunk, rufnummer, telefon geschäftlich, telefon privat, festnetz
    """,
    "first_name": """
        first name, firstname, given name, givenname, forename, fname, f name, first,
        christian name, contact first name, customer first name, member first name,
        vorname, rufname, vornamen
    """,
    "last_name": """
        last name, lastname, surname, family name, familyname, lname, l name, last, second name,
        contact last name, customer last name, member last name,
        nachname, familienname, zuname
    """,
    "full_name": """
        full name, fullname, name, contact name, contact, display name, person name, customer name,
        member name, subscriber name, user name full, real name, your name, recipient name,
        vollständiger name, ganzer name, anzeigename, kundenname, kontaktname, vor- und nachname
    """,
    "company_name": """
        company, company name, organization, organisation, organization name, organisation name,
        organization 1 - name, organization 1 name, business name, business, employer, account name,
        account, firm, associated company, company or account, workplace,
        firma, firmenname, unternehmen, unternehmensname, betrieb, arbeitgeber, verein
    """,
    "job_title": """
        job title, jobtitle, title, position, role, job, occupation, job role, job function,
        organization title, organization 1 - title, organization 1 title, job position, designation,
        berufsbezeichnung, beruf, stellenbezeichnung, funktion, tätigkeit, stelle, titel
    """,
    "city": """
        city, town, city/town, town/city, mailing city, billing city, shipping city, business city,
        home city, address city, address 1 - city, address 1 city, other city, default address city,
        locality, stadt, ort, wohnort, ortschaft, gemeinde, ort geschäftlich
    """,
    "country": """
        country, country/region, country or region, country code, country name, mailing country,
        billing country, shipping country, business country, business country/region, home country,
        home country/region, address country, address 1 - country, address 1 country, cc, nation,
        other country, default address country code, ip country, country iso code,
        land, ländercode, länderkürzel, staat, land/region, nationalität
    """,
    "language": """
        language, lang, locale, preferred language, language code, language preference, user
        language, sprache, bevorzugte sprache, korrespondenzsprache, sprachcode
    """,
    "timezone": """
        timezone, time zone, tz, iana timezone, time zone name, user timezone,
        zeitzone
    """,
    "source": """
        source, lead source, original source, contact source, signup source, sign up source,
        acquisition source, utm source, referral source, origin, how did you hear about us,
        original traffic source, channel, created via,
        quelle, herkunft, lead-quelle, leadquelle, kontaktquelle
    """,
    "is_subscribed": """
        subscribed, is subscribed, subscribed to emails, subscribe, opt in, opted in, optin,
        email opt in, email optin, email opted in, newsletter, newsletter opt in,
        newsletter subscribed, newsletter subscription, marketing opt in,
        marketing consent, email marketing consent,
        accepts marketing, accepts email marketing, email marketing, consent, email consent,
        can email, subscription status, subscription, email subscription status, email status,
        email marketing status, marketing emails, is subscriber,
        abonniert, angemeldet, newsletter abonniert, newsletter-anmeldung, einwilligung,
        werbeeinwilligung, newsletter erwünscht
    """,
    "kind": """
        kind, contact kind, contact type, contact kind person company, record type,
        person or company,
        kontaktart, kontakttyp
    """,
    "tags": """
        tags, tag, labels, label, groups, group membership, categories, segments, lists, keywords,
        contact tags, customer tags, interest groups, static segments,
        schlagworte, schlagwörter, kategorien, etiketten, gruppen, stichworte, markierungen
    """,
}  # fmt: skip

# The opposite of consent: taking such a column as it stands would subscribe those who left.
_INVERTED: Final = """
    unsubscribed, opted out, opt out, optout, email opt out, email optout, has opted out of email,
    has opted out, hasoptedoutofemail, unsubscribed from all email, unsubscribe, do not email,
    do not contact, no email, no emails, dont email, email blacklisted, blacklisted, suppressed,
    opted out of email, opted out of email general, unsubscribed at, unsub time, is unsubscribed,
    global unsubscribe, bounced, cleaned,
    abgemeldet, abbestellt, keine e-mails, werbesperre, newsletter abbestellt, gesperrt
"""

_CAMEL: Final = re.compile(r"(?<=[a-zà-þ0-9])(?=[A-ZÀ-Þ])|(?<=[A-Z])(?=[A-Z][a-z])")
_NOT_WORD: Final = re.compile(r"[\W_]+")
_NOTE: Final = re.compile(r"\s*(?:\[[^\]]*\]|\*|:)\s*$")
_SALESFORCE: Final = re.compile(r"__[cr]\Z", re.IGNORECASE)
_GERMAN: Final = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue"})
_LONGEST_NAME: Final = 100
_LEAST_CONFIDENCE: Final = 0.95


def normalized(header: str) -> str:
    """A header in lower-case words without accents: “E-Mail_Adresse” → “e mail adresse”."""
    plain = _SALESFORCE.sub("", _NOTE.sub("", header.strip()))
    split = _CAMEL.sub(" ", unicodedata.normalize("NFC", plain))
    decomposed = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", split).casefold())
    letters = "".join(letter for letter in decomposed if not unicodedata.combining(letter))
    return " ".join(_NOT_WORD.sub(" ", letters).split())


def compact(header: str) -> str:
    """The form that headers are compared in: no case, accents, white space, punctuation."""
    return normalized(header).replace(" ", "")


def target_of(header: str) -> tuple[str, float] | None:
    """The target that a header is a known name of, and how sure that is (0.95 to 1)."""
    return _BY_NAME.get(compact(header))


def is_inverted(header: str) -> bool:
    """Whether a header says who does *not* want mail."""
    return compact(header) in _INVERTED_NAMES


def is_known_header(header: str) -> bool:
    """Whether a cell is a name that columns have, rather than a value."""
    if len(header) > _LONGEST_NAME:
        return False
    key = compact(header)
    return key in _BY_NAME or key in _INVERTED_NAMES


def names_of_targets() -> dict[str, str]:
    """Every known name in normalised words, with its target, for comparing what is nearly one."""
    return dict(_NORMALIZED_NAMES)


def _listed(names: str) -> Iterator[str]:
    for name in names.replace("\n", " ").split(","):
        stripped = " ".join(name.split())
        if stripped:
            yield stripped
            if stripped != stripped.translate(_GERMAN):
                yield stripped.translate(_GERMAN)


def _by_name() -> dict[str, tuple[str, float]]:
    """The first names of a target are the surest, so that `email` goes before `work email`."""
    found: dict[str, tuple[str, float]] = {}
    for target, names in _NAMES.items():
        listed = list(_listed(names))
        for place, name in enumerate(listed):
            share = place / max(len(listed) - 1, 1)
            confidence = round(1.0 - (1.0 - _LEAST_CONFIDENCE) * share, 3)
            found.setdefault(compact(name), (target, confidence))
    return found


_BY_NAME: Final = _by_name()
_INVERTED_NAMES: Final = frozenset(compact(name) for name in _listed(_INVERTED))
_NORMALIZED_NAMES: Final = {
    normalized(name): target for target, names in _NAMES.items() for name in _listed(names)
}
