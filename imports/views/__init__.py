"""The screens of the import wizard: each view parses, calls one service or selector, renders."""
