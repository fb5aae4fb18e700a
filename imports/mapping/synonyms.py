"""Names that other products, and people, give to what a contact has."""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from imports.mapping.languages import LANGUAGES, Language

TARGETS: Final = (
    "email", "external_id", "phone", "first_name", "last_name", "full_name", "company_name",
    "job_title", "city", "country", "language", "timezone", "source", "is_subscribed", "is_active",
    "kind", "tags",
)  # fmt: skip

# Per target one name a line or between commas, the surest first. Mailchimp, HubSpot, Salesforce,
# Google Contacts, Outlook, Ghost, Shopify, Klaviyo; English and German, which any file may use.
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
    "is_active": """
        is active, active,
        aktiv, ist aktiv
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
# What a form says about a field behind its name, such as “*”, “[text]” or “(obligatoire)”.
_NOTE: Final = re.compile(
    r"(?:\s*(?:\[[^\]]*\]|\*|:"
    r"|\((?:required|optional|pflichtfeld|obligatoire|facultatif|obligatorio|opcional"
    r"|obrigat[óo]rio|obbligatorio|facoltativo|opzionale|verplicht|optioneel)\)))+\s*\Z",
    re.IGNORECASE,
)
_SALESFORCE: Final = re.compile(r"__[cr]\Z", re.IGNORECASE)
_GERMAN: Final = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue"})
_LONGEST_NAME: Final = 100
_LEAST_CONFIDENCE: Final = 0.95
_SHORTEST_LIKELY: Final = 4


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


@dataclass(frozen=True)
class Vocabulary:
    """What the headers of one file mean, by their compact forms.

    `bare_names` are whole names that may be a part of it, with that part: “Nom” is the last name
    beside “Prénom”.
    """

    targets: Mapping[str, tuple[str, float]]
    bare_names: Mapping[str, str]
    words: Mapping[str, str]

    def target_of(self, header: str) -> tuple[str, float] | None:
        """The target that a header is a known name of, and how sure that is (0.95 to 1)."""
        return self.targets.get(compact(header))

    def part_of_name(self, header: str) -> str | None:
        """The part of a name that a header for whole names may mean beside the other part."""
        return self.bare_names.get(compact(header))

    @cached_property
    def likely(self) -> Mapping[str, str]:
        """Known names in normalised words, with their targets, for comparing what is nearly one."""
        return {
            name: target
            for name, target in self.words.items()
            if len(name) >= _SHORTEST_LIKELY and compact(name) in self.targets
        }


def vocabulary_of(headers: Iterable[str]) -> Vocabulary:
    """English and German, and the language that knows most of a file's headers, if one does."""
    present = frozenset(map(compact, headers))
    best = max(_DICTIONARIES, key=lambda each: len(each.headers & present))
    return best.vocabulary(present) if best.headers & present else _EVERYWHERE


def target_of(header: str) -> tuple[str, float] | None:
    """The target that a header is a known name of in English or German, and how sure that is."""
    return _EVERYWHERE.target_of(header)


def is_inverted(header: str) -> bool:
    """Whether a header says, in any language, who does *not* want mail."""
    return compact(header) in _INVERTED_NAMES


def is_known_header(header: str) -> bool:
    """Whether a cell is a name that columns have in any language, rather than a value.

    “Active” and “désabonné” are what a column says as often as what it is called: they tell nothing.
    """
    if len(header) > _LONGEST_NAME:
        return False
    key = compact(header)
    return key in _KNOWN_HEADERS


def _listed(names: str) -> Iterator[str]:
    for name in names.replace("\n", " ").split(","):
        stripped = " ".join(name.split())
        if stripped:
            yield stripped
            if stripped != stripped.translate(_GERMAN):
                yield stripped.translate(_GERMAN)


def _targets(names_by_target: Mapping[str, str]) -> dict[str, tuple[str, float]]:
    """The first names of a target are the surest, so that `email` goes before `work email`."""
    found: dict[str, tuple[str, float]] = {}
    for target, names in names_by_target.items():
        listed = list(_listed(names))
        for place, name in enumerate(listed):
            share = place / max(len(listed) - 1, 1)
            confidence = round(1.0 - (1.0 - _LEAST_CONFIDENCE) * share, 3)
            found.setdefault(compact(name), (target, confidence))
    return found


def _words(names_by_target: Mapping[str, str]) -> dict[str, str]:
    return {
        normalized(name): target
        for target, names in names_by_target.items()
        for name in _listed(names)
    }


def _compacted(names: str) -> frozenset[str]:
    return frozenset(map(compact, _listed(names)))


def _names_only(language: Language) -> Iterator[str]:
    """The names that are no values of flags."""
    for target, names in language.names.items():
        if target not in {"is_active", "is_subscribed"}:
            yield from _compacted(names)


_EVERYWHERE: Final = Vocabulary(_targets(_NAMES), {"name": "last_name"}, _words(_NAMES))


class _Dictionary:
    """A language with its names in the forms that they are looked up in."""

    def __init__(self, language: Language) -> None:
        own = _targets(language.names)
        false_friends = _compacted(language.false_friends)
        self.targets = {
            name: found
            for name, found in {**_EVERYWHERE.targets, **own}.items()
            if name not in false_friends
        }
        self.headers = own.keys() | _compacted(language.opted_out)
        self.words = {**_EVERYWHERE.words, **_words(language.names)}
        bare_names = dict.fromkeys(_compacted(language.bare_name), language.bare_name_is)
        self.bare_names = {**_EVERYWHERE.bare_names, **bare_names}
        self.only_beside = {
            compact(name): _compacted(others) for name, others in language.only_beside.items()
        }

    def vocabulary(self, present: frozenset[str]) -> Vocabulary:
        doubtful = {name for name, others in self.only_beside.items() if not others & present}
        targets = {name: found for name, found in self.targets.items() if name not in doubtful}
        return Vocabulary(targets, self.bare_names, self.words)


_DICTIONARIES: Final = tuple(map(_Dictionary, LANGUAGES))
_INVERTED_NAMES: Final = _compacted(_INVERTED).union(
    *(_compacted(language.opted_out) for language in LANGUAGES)
)
_KNOWN_HEADERS: Final = _compacted(_INVERTED).union(
    (name for name, (target, _) in _EVERYWHERE.targets.items() if target != "is_active"),
    *(_names_only(language) for language in LANGUAGES),
)
