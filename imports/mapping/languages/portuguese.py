"""Portuguese, of Brazil and Portugal."""

from typing import Final

from imports.mapping.languages.language import Language

PORTUGUESE: Final = Language(
    names={
        "email": """
            endereço de e-mail, correio eletrónico, correio electrónico,
            endereço de correio eletrónico, endereço de correio electrónico,
            endereço do correio electrónico, endereço eletrónico, endereço e-mail,
            e-mail principal, e-mail de contato, e-mail do contato, e-mail de contacto,
            e-mail do contacto, e-mail comercial, e-mail profissional, e-mail corporativo,
            e-mail de trabalho, e-mail do trabalho, e-mail pessoal, e-mail do cliente,
            e-mail cliente, seu e-mail, seu melhor e-mail
        """,
        "external_id": """
            id externo, identificador externo, código externo, id do cliente, id de cliente,
            id cliente, id do contato, id do contacto, id contato, id do registro, id do registo,
            código do cliente, código de cliente, código cliente, cód cliente, número do cliente,
            número de cliente, nº do cliente, nº de cliente, nº cliente, n° cliente,
            número de sócio, nº de sócio, nº sócio, matrícula, identificador
        """,
        "phone": """
            telefone, número de telefone, nº de telefone, nº telefone, celular, telefone celular,
            número de celular, número do celular, nº celular, cel, tel celular, telemóvel,
            número de telemóvel, nº de telemóvel, nº telemóvel, telefone móvel, fone,
            telefone principal, telefone 1, telefone de contato, telefone do contato,
            telefone contato, telefone de contacto, telefone do contacto, telefone fixo,
            telefone comercial, telefone da empresa, telefone do trabalho, telefone residencial,
            telefone da residência, telefone do cliente, telefone com ddd, celular/whatsapp,
            telefone/whatsapp, número de whatsapp, número do whatsapp
        """,
        "first_name": "primeiro nome, nome próprio, prenome",
        "last_name": "sobrenome, sobrenomes, último nome, nome de família, apelido",
        "full_name": """
            nome, nome completo, nome e sobrenome, nome e apelido, nome do contato,
            nome de contato, nome contato, contato, pessoa de contato, nome do contacto,
            nome de contacto, contacto, pessoa de contacto, nome do cliente, nome cliente,
            nome do assinante, nome do destinatário, nome de exibição, nome para exibição, seu nome
        """,
        "company_name": """
            empresa, nome da empresa, nome empresa, razão social, nome fantasia,
            denominação social, companhia, organização, nome da organização, instituição,
            entidade, nome da conta, empregador
        """,
        "job_title": """
            cargo, função, cargo/função, cargo ou função, cargo na empresa, título do cargo,
            profissão, ocupação
        """,
        "city": """
            cidade, município, localidade, cidade de residência, cidade residencial,
            cidade comercial, cidade do endereço residencial, cidade do endereço comercial,
            localidade da residência, localidade da empresa, cidade de cobrança,
            cidade de entrega, cidade de faturação
        """,
        "country": """
            país, país/região, país ou região, código do país, código de país, nome do país,
            país de residência, país/região de residência, país/região da empresa,
            país de cobrança, país de entrega, país de faturação
        """,
        "language": """
            idioma, língua, idioma preferido, língua preferida, idioma de preferência,
            idioma do contato, código do idioma
        """,
        "timezone": "fuso horário, zona horária",
        "source": """
            origem, fonte, fonte original, origem do contato, origem do contacto,
            fonte do contato, origem do cliente, origem do lead, fonte do lead, canal,
            canal de origem, canal de aquisição, canal de entrada, como nos conheceu,
            como nos conheceste
        """,
        "is_subscribed": """
            inscrito na newsletter, inscrito newsletter, inscrição na newsletter,
            inscrição newsletter, assinante, assinante da newsletter, assinante newsletter,
            assina newsletter, subscrito, subscreve newsletter, subscrição newsletter,
            subscrição da newsletter, subscritor da newsletter, recebe newsletter,
            receber newsletter, aceita newsletter, aceita marketing, aceita e-mail marketing,
            aceita e-mails, aceita receber e-mails, aceita comunicações, consentimento,
            consentimento de marketing, consentimento marketing, boletim, boletim informativo,
            status da inscrição, status da assinatura, estado da subscrição
        """,
        "is_active": """
            ativo, ativa, ativo/a, activo, está ativo, contato ativo, contacto ativo,
            cliente ativo
        """,
        "kind": "tipo de contato, tipo de contacto, tipo contato, tipo de pessoa",
        "tags": """
            etiquetas, etiqueta, marcadores, grupos, categorias, listas, segmentos,
            palavras-chave
        """,
    },
    opted_out="""
        descadastrado, descadastrada, descadastro, data de descadastro, não inscrito,
        desinscrito, desinscrita, inscrição cancelada, cancelou a inscrição, cancelou inscrição,
        assinatura cancelada, cancelou a assinatura, subscrição cancelada,
        cancelou a subscrição, anulou a subscrição, não contatar, não contactar,
        não enviar e-mail, não enviar e-mails, não deseja receber e-mails, não aceita e-mails,
        não perturbe, recusa e-mails, recusa marketing, lista negra, bloqueado, opt-out de e-mail
    """,
    bare_name="nome",
    bare_name_is="first_name",
    # The last name in Portugal, a nickname in Brazil.
    only_beside={
        "apelido": """
            telemóvel, número de telemóvel, nº de telemóvel, nº telemóvel, morada, nif,
            contribuinte, código postal, distrito, concelho, freguesia, nome próprio,
            correio eletrónico, correio electrónico, endereço de correio eletrónico,
            endereço de correio electrónico
        """
    },
)
