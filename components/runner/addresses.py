"""Where a database or a server answers, as a value that shows no secret to people."""

from __future__ import annotations

from dataclasses import dataclass

from components.common.errors import redacted


@dataclass(frozen=True, repr=False)
class Address:
    """A URI. As text it has no user, password or token; `secret` is the whole of it, for whoever connects."""

    secret: str

    def __str__(self) -> str:
        return redacted(self.secret)

    __repr__ = __str__

    @property
    def is_server(self) -> bool:
        """Whether it is a server that speaks HTTP."""
        return self.secret.startswith(("http://", "https://"))
