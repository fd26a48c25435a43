"""Text as a terminal shows it."""


def one_line(text: str, limit: int = 100) -> str:
    """Return a text on one line, cut where it is longer than `limit` characters."""
    flat = " ".join(text.split())
    return flat if len(flat) <= limit else flat[: limit - 1] + "…"
