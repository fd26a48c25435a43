"""What every request needs: the workspace and the parts that live as long as the app does."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import Depends, Request

from headstart.app.desk import Desk
from headstart.app.looking import Looking

if TYPE_CHECKING:
    from headstart.app.sharing import Sharing
    from headstart.app.supervisor import Supervisor
    from headstart.app.trying import Trier
    from headstart.app.workspace import Workspace
    from headstart.web.journal import Drain


@dataclass
class Context:
    """The running app.

    Attributes
    ----------
    drain
        Begun when the app is about to end.
    """

    workspace: Workspace
    supervisor: Supervisor
    trier: Trier
    sharing: Sharing
    drain: Drain

    @cached_property
    def looking(self) -> Looking:
        """The looks through the folders of projects."""
        return Looking(self.workspace)

    @cached_property
    def desk(self) -> Desk:
        """Where questions about documents are answered."""
        return Desk(self.workspace)

    @cached_property
    def capabilities(self) -> dict[str, Any]:
        """What this installation can do beyond the ordinary."""
        from headstart.app.capabilities import capabilities

        return capabilities()


def _context(request: Request) -> Context:
    found: Context = request.app.state.context
    return found


Here = Annotated[Context, Depends(_context)]
