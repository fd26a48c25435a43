"""What stands around the text of a web page: navigation, tables of contents, footers."""

from __future__ import annotations

from typing import Any

NEVER_TEXT = frozenset(
    "script style template noscript svg iframe object embed audio video canvas select button input textarea "
    "head map datalist dialog applet frameset noframes meta link".split()
)
_AROUND = frozenset({"nav", "footer"})
_ROLES = frozenset({"navigation", "search", "contentinfo", "menu", "menubar", "toolbar"})
_AROUND_CLASSES = frozenset(
    "sphinxsidebar related navheader navfooter headerlink table-of-contents toctree-wrapper breadcrumb "
    "breadcrumbs pagination skip-link skip-nav navbar linenos lineno anchorjs-link edit-this-page".split()
)
# Where these hold mostly links they lead elsewhere; else they are text.
_MAYBE_AROUND = frozenset(
    "toc contents sidebar menu nav navigation header footer topbar bottombar site-header site-footer "
    "nav-panel sidebar-wrapper page-nav prev-next next-prev localtoc globaltoc toc-list indextable".split()
)
_MOSTLY = 0.6
_LEAST_TEXT = 80
_LINK_SIGNS = frozenset("¶#§🔗⚓")


def is_around(element: Any) -> bool:
    """Tell whether an element stands around the text and is no part of it."""
    if not element.attrib:
        return element.tag in _AROUND
    if element.tag in _AROUND or (element.get("role") or "").lower() in _ROLES:
        return True
    names = set((element.get("class") or "").lower().split()) | {(element.get("id") or "").lower()}
    if names & _AROUND_CLASSES and element.tag not in ("body", "html"):
        return True
    return bool(names & _MAYBE_AROUND) and element.tag not in ("body", "html") and _is_links(element)


def is_link_sign(element: Any) -> bool:
    """Tell the sign beside a heading that links to the heading itself."""
    return element.tag == "a" and not len(element) and (element.text or "").strip() in _LINK_SIGNS


def main_part(root: Any) -> Any:
    """Return the one element that a page calls its main part, or the page where it names none or several."""
    named = [
        element
        for element in root.iter("main", "div", "section", "article", "td")
        if element.tag == "main" or (element.get("role") or "").lower() == "main"
    ]
    return named[0] if len(named) == 1 and _length(named[0]) > _LEAST_TEXT else root


def _is_links(element: Any) -> bool:
    linked = sum(_length(link) for link in element.iter("a"))
    return linked >= _MOSTLY * _length(element) > 0


def _length(element: Any) -> int:
    return sum(len(text.strip()) for text in element.itertext())
