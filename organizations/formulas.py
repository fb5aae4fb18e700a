"""Text in files that spreadsheets open: none of it may run."""

# Spreadsheets run a cell that begins with one of these.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")


def escape_formula(cell: str) -> str:
    """Put a ' in front of what a spreadsheet would run. `unescape_formula` takes exactly that back."""
    return f"'{cell}" if cell.lstrip("'").startswith(FORMULA_STARTS) else cell


def unescape_formula(cell: str) -> str:
    """A cell as it was before `escape_formula`."""
    is_escaped = cell.startswith("'") and cell.lstrip("'").startswith(FORMULA_STARTS)
    return cell[1:] if is_escaped else cell
