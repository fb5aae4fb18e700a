"""The rule language: one JSON document that says which contacts are meant (docs/rules.md).

`reading` makes nodes of a document, `compiler` makes SQL of nodes, `sentences` makes words, `passing` tells whom the
passing of time concerns. Kinds of conditions are registered (`registry`); those about contacts alone are in
`conditions`. Logic is two-valued: a condition is true or false of a contact, and `not` is the exact complement.
"""
