"""The builder of rules, as plain forms: what was filled in (`drafts`), what can be filled in (`inputs`), and the JSON
document that both stand for (`documents`).
"""
