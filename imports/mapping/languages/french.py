"""French, of France, Belgium, Switzerland and Canada."""

from typing import Final

from imports.mapping.languages.language import Language

FRENCH: Final = Language(
    names={
        "email": """
            adresse e-mail, courriel, adresse mail, adresse électronique, adresse courriel,
            adresse de courriel, courrier électronique, adresse de courrier électronique,
            adresse de messagerie, messagerie électronique, mél, e-mail principal,
            adresse e-mail principale, e-mail du contact, adresse e-mail du contact,
            e-mail professionnel, mail professionnel, e-mail pro, mail pro, courriel professionnel,
            adresse e-mail professionnelle, e-mail personnel, mail personnel, courriel personnel,
            e-mail client, e-mail du client, votre e-mail, votre adresse e-mail
        """,
        "external_id": """
            identifiant externe, identifiant client, identifiant du client, identifiant contact,
            identifiant du contact, identifiant unique, id externe, id client, id du client,
            id contact, id du contact, code client, numéro client, numéro de client, n° client,
            n° de client, nº client, num client, référence client, réf client,
            id de fiche d'informations, id d'enregistrement, numéro d'adhérent, n° adhérent,
            n° d'adhérent, numéro de membre, numéro d'abonné, matricule, identifiant
        """,
        "phone": """
            numéro de téléphone, n° de téléphone, n° téléphone, nº de téléphone, num téléphone,
            téléphone mobile, téléphone portable, portable, tél mobile, tél portable,
            numéro de mobile, numéro mobile, numéro de portable, numéro de téléphone mobile,
            numéro de téléphone portable, cellulaire, téléphone cellulaire, gsm,
            téléphone principal, téléphone du contact, téléphone 1, téléphone fixe, tél fixe,
            téléphone professionnel, téléphone pro, téléphone bureau, tél bureau,
            téléphone personnel, téléphone domicile, téléphone client, numéro whatsapp
        """,
        "first_name": "prénom, prénoms, prénom usuel, prénom du contact, prénom client, votre prénom",
        "last_name": "nom de famille, nom d'usage, nom usuel, patronyme, nom patronymique",
        "full_name": """
            nom, nom complet, prénom et nom, prénom nom, nom du contact, nom contact,
            personne de contact, nom affiché, nom d'affichage, nom du client, nom client,
            nom de l'abonné, nom du membre, nom du destinataire, votre nom
        """,
        "company_name": """
            société, entreprise, nom de l'entreprise, nom de la société, nom entreprise,
            nom société, nom d'entreprise, raison sociale, dénomination sociale, dénomination,
            nom de l'organisation, organisme, établissement, nom du compte, employeur,
            entreprise associée
        """,
        "job_title": """
            intitulé du poste, intitulé de poste, titre du poste, titre de poste, fonction, poste,
            poste occupé, titre professionnel, profession, métier, emploi, titre
        """,
        "city": """
            ville, commune, localité, municipalité, ville de résidence, ville domicile,
            ville bureau, ville professionnelle, ville de facturation, ville de livraison,
            ville autre
        """,
        "country": """
            pays, pays/région, pays ou région, code pays, code du pays, nom du pays,
            pays de résidence, pays domicile, pays bureau, pays/région (domicile),
            pays/région (bureau), pays de facturation, pays de livraison, pays/région (autre)
        """,
        "language": """
            langue, langue préférée, langue de préférence, langue de correspondance,
            langue du contact, langue de contact, langue parlée, code langue
        """,
        "timezone": "fuseau horaire",
        "source": """
            origine, provenance, source du contact, origine du contact, source du prospect,
            origine du prospect, source du lead, origine du lead, origine de la piste,
            source d'origine, source d'acquisition, canal, canal d'acquisition, canal d'origine,
            comment nous avez-vous connus, comment avez-vous entendu parler de nous
        """,
        "is_subscribed": """
            abonné, abonnée, abonné newsletter, abonné à la newsletter,
            abonnement newsletter, abonnement à la newsletter, inscrit newsletter,
            inscrit à la newsletter, inscription newsletter, inscription à la newsletter,
            reçoit la newsletter, accepte la newsletter, accepte les e-mails,
            accepte le marketing, accepte l'e-mail marketing, accepte le marketing par e-mail,
            consentement, consentement marketing, consentement e-mail, consentement newsletter,
            statut d'abonnement, statut de l'abonnement, infolettre, lettre d'information
        """,
        "is_active": "actif, actif/active, est actif, contact actif, compte actif, client actif",
        "kind": "type de contact, nature du contact, type de personne",
        "tags": """
            étiquettes, étiquette, mots-clés, mot-clé, libellés, groupes, listes,
            listes de contacts, étiquettes du contact
        """,
    },
    opted_out="""
        désabonné, désabonnée, désinscrit, désinscrite, désabonnement, désinscription, désabonné de la newsletter, désinscrit de la newsletter,
        désabonné de tous les e-mails, désinscrit de tous les e-mails, non abonné, non inscrit,
        refus, refus newsletter, refus e-mail, refuse les e-mails, refuse la newsletter,
        ne pas contacter, ne plus contacter, ne pas envoyer d'e-mail, pas d'e-mail, pas d'e-mails,
        opposition, liste noire, sur liste noire, blacklisté, blacklistée, bloqué, opt-out e-mail,
        date de désabonnement, date de désinscription, désabonné le, désinscrit le
    """,
    bare_name="nom",
    bare_name_is="last_name",
    # Alone it may as well be “Dr”, as the first of the two “Titre” of Outlook.
    only_beside={"titre": "civilité, salutation, formule de politesse"},
)
