"""Text that a web page holds and does not show: a place for instructions to machines, so it is not read."""

from __future__ import annotations

import re
from typing import Any

Style = dict[str, str]
_COMMENTS = re.compile(r"/\*.*?\*/", re.DOTALL)
_OTHER_MEDIA = re.compile(r"@[^{};@]{0,300}\{(?:[^{}]*\{[^{}]*\})*[^{}]*\}")
_SIMPLE = re.compile(r"[a-z][a-z0-9]*|[a-z0-9]*[.#][\w-]+", re.IGNORECASE)
_NOTHING = re.compile(r"[+-]?0*\.?0*(px|pt|em|rem|%|ex|ch|vw|vh)?")
_FAR_OFF = re.compile(r"-\d{4,}(\.\d+)?(px|pt)|-\d{3,}(\.\d+)?(em|rem)")
_WHITE = frozenset({"white", "#fff", "#ffffff", "rgb(255,255,255)", "#fefefe", "snow", "ivory"})
_OFFSETS = ("left", "top", "right", "text-indent")
_MOST_CSS = 1 << 18


class Styles:
    """What the style sheet within a page says about elements, classes and ids, and about no other selector.

    Parameters
    ----------
    sheets
        The text of its ``style`` elements.
    linked
        Whether the page has style sheets elsewhere, which are never fetched.
    """

    def __init__(self, sheets: str, *, linked: bool) -> None:
        self._linked = linked
        self._rules: dict[str, Style] = {}
        css = _OTHER_MEDIA.sub("", _COMMENTS.sub("", sheets[:_MOST_CSS]))
        for rule in css.split("}"):
            selectors, _, declared = rule.rpartition("{")
            for selector in selectors.split(","):
                if _SIMPLE.fullmatch(selector.strip()):
                    self._rules.setdefault(selector.strip().lower(), {}).update(declarations(declared))

    def why_hidden(self, element: Any) -> str:
        """Say by what the text of an element is hidden; empty where it is shown."""
        if not element.attrib and not self._rules:
            return ""
        if element.get("hidden") is not None:
            return "hidden"
        if (element.get("aria-hidden") or "").strip().lower() == "true":
            return "aria-hidden"
        style = self._of(element)
        return (_unseen(style) or self._white_on_white(element, style)) if style else ""

    def _of(self, element: Any) -> Style:
        """Return the declarations that hold for an element itself."""
        inline, style = element.get("style"), Style()
        if self._rules:
            tag = element.tag.lower()
            for selector in self._selectors(element, tag):
                style |= self._rules.get(selector, {})
        if tag_colour := element.get("color"):
            style["color"] = tag_colour.strip().lower()
        return style | declarations(inline) if inline else style

    @staticmethod
    def _selectors(element: Any, tag: str) -> list[str]:
        named = [f".{name}" for name in (element.get("class") or "").lower().split()]
        named += [f"#{element.get('id').lower()}"] if element.get("id") else []
        return [tag, *named, *(tag + name for name in named)]

    def _white_on_white(self, element: Any, style: Style) -> str:
        if style.get("color", "").replace(" ", "") not in _WHITE:
            return ""
        for around in (element, *element.iterancestors()):
            background = self._background(around)
            if background:
                return "white on white" if background in _WHITE else ""
            if self._linked and around.get("class") and around.tag not in ("body", "html"):
                return ""  # a style sheet that is not here may give it a background
        return "white on white"

    def _background(self, element: Any) -> str:
        style = self._of(element)
        colour = style.get("background-color") or style.get("background") or element.get("bgcolor") or ""
        colour = colour.replace(" ", "").lower()
        return "" if colour in ("", "none", "transparent", "inherit") else colour


def declarations(text: str) -> Style:
    """Return the declarations of a piece of CSS by property."""
    pairs = (part.split(":", 1) for part in text.lower().split(";") if ":" in part)
    return {name.strip(): value.replace("!important", "").strip() for name, value in pairs}


def _unseen(style: Style) -> str:
    if style.get("display") == "none":
        return "display:none"
    if style.get("visibility") in ("hidden", "collapse"):
        return "visibility:hidden"
    for name in ("font-size", "opacity"):
        value = style.get(name, "")
        if value and _NOTHING.fullmatch(value):
            return f"{name}:0"
    if style.get("position") in ("absolute", "fixed") or "text-indent" in style:
        if any(_FAR_OFF.fullmatch(style.get(name, "")) for name in _OFFSETS):
            return "out of the page"
    return ""
