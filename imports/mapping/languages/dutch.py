"""Dutch, of the Netherlands and Belgium."""

from typing import Final

from imports.mapping.languages.language import Language

DUTCH: Final = Language(
    names={
        "email": """
            e-mailadres, mailadres, primair e-mailadres, hoofd e-mailadres, e-mailadres werk,
            e-mail werk, e-mailadres zakelijk, e-mail zakelijk, zakelijk e-mailadres,
            zakelijke e-mail, e-mailadres privé, e-mail privé, persoonlijk e-mailadres,
            e-mailadres contactpersoon, e-mail contactpersoon, e-mailadres klant, e-mail klant,
            je e-mailadres, uw e-mailadres
        """,
        "external_id": """
            extern id, externe code, klantnummer, klantnr, klant-id, klantcode, relatienummer,
            relatienr, relatie-id, relatiecode, debiteurnummer, debiteurennummer, lidnummer,
            lidnr, contactnummer, abonneenummer
        """,
        "phone": """
            telefoonnummer, telefoon, telefoonnr, mobiel, mobiele telefoon, mobiel nummer,
            mobiel telefoonnummer, telefoon mobiel, telefoonnummer mobiel, gsm, gsm-nummer,
            06-nummer, hoofdtelefoon, telefoon 1, telefoonnummer 1, vaste telefoon, telefoon vast,
            telefoon werk, telefoon op werk, telefoonnummer werk, telefoon zakelijk,
            zakelijk telefoonnummer, telefoon thuis, telefoon privé, telefoonnummer privé,
            telefoon contactpersoon, telefoonnummer contactpersoon, whatsappnummer
        """,
        "first_name": "voornaam, roepnaam, voornamen, voornaam contactpersoon",
        "last_name": "achternaam, familienaam, achternaam contactpersoon",
        "full_name": """
            naam, volledige naam, voor- en achternaam, voornaam en achternaam,
            voornaam achternaam, contactpersoon, naam contactpersoon, weergavenaam, klantnaam,
            naam klant, naam van de klant, naam ontvanger, naam abonnee, je naam, uw naam
        """,
        "company_name": """
            bedrijf, bedrijfsnaam, naam bedrijf, naam van het bedrijf, organisatie,
            organisatienaam, naam organisatie, onderneming, ondernemingsnaam, handelsnaam,
            accountnaam, instelling, werkgever
        """,
        "job_title": """
            functie, functietitel, functienaam, functieomschrijving, jobtitel, beroep, rol,
            positie
        """,
        "city": """
            woonplaats, plaats, plaatsnaam, stad, gemeente, vestigingsplaats, huisadres plaats,
            werkadres plaats, plaats thuis, plaats werk, factuurplaats, ander adres plaats
        """,
        "country": """
            land/regio, land of regio, landcode, landnaam, naam land, woonland, factuurland,
            land/regio (thuis), land/regio (werk), land/regio (anders)
        """,
        "language": "taal, voorkeurstaal, taalvoorkeur, correspondentietaal, taalcode",
        "timezone": "tijdzone",
        "source": """
            bron, herkomst, leadbron, bron van lead, bron van de lead, oorspronkelijke bron,
            originele bron, contactbron, kanaal, acquisitiekanaal, hoe heb je ons gevonden,
            hoe heeft u ons gevonden
        """,
        "is_subscribed": """
            geabonneerd, nieuwsbrief, geabonneerd op nieuwsbrief, nieuwsbrief ontvangen,
            ontvangt nieuwsbrief, aangemeld voor nieuwsbrief, nieuwsbrief aangemeld,
            aanmelding nieuwsbrief, ingeschreven voor nieuwsbrief, inschrijving nieuwsbrief,
            opt-in nieuwsbrief, accepteert marketing, accepteert e-mailmarketing, toestemming,
            toestemming marketing, marketingtoestemming, toestemming e-mail,
            toestemming nieuwsbrief, abonnee, abonnementsstatus, inschrijvingsstatus
        """,
        "is_active": "actief, is actief, contact actief, actief contact, klant actief",
        "kind": "type contact, soort contact, contactsoort, soort relatie",
        "tags": "trefwoorden, groepen, categorieën, lijsten, segmenten",
    },
    opted_out="""
        uitgeschreven, afgemeld, niet geabonneerd, niet ingeschreven,
        uitgeschreven voor nieuwsbrief, uitgeschreven van nieuwsbrief,
        afgemeld voor nieuwsbrief, afgemeld voor alle e-mail, uitschrijfdatum, afmelddatum,
        datum uitschrijving, datum afmelding, geen e-mail, geen e-mails, geen mail, geen mailing,
        geen mailings, geen nieuwsbrief, wil geen e-mail, niet mailen, niet benaderen,
        niet contacteren, geblokkeerd, zwarte lijst, opt-out e-mail
    """,
    bare_name="naam",
    bare_name_is="last_name",
    # An academic title, and a child.
    false_friends="titel, kind",
)
