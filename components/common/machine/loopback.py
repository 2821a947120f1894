"""This machine's own servers are never asked through a proxy: `NO_PROXY` names the loop-back addresses."""

from __future__ import annotations

import os

from components.common.errors import UserError, chain

HOSTS = ("127.0.0.1", "localhost", "::1")
NAMES = ("no_proxy", "NO_PROXY")  # urllib and httpx prefer the first, requests reads both


def exempt_loopback() -> None:
    """Add the loop-back addresses to what this process and its children ask without a proxy; keep what is there."""
    named = [host.strip() for name in NAMES for host in os.environ.get(name, "").split(",")]
    hosts = list(dict.fromkeys([*filter(None, named), *HOSTS]))
    if "*" not in hosts:
        os.environ.update(dict.fromkeys(NAMES, ",".join(hosts)))


def proxy_trouble(error: BaseException) -> UserError | None:
    """What to do where a client cannot speak to the proxy that the environment names; None for any other error."""
    if any(isinstance(cause, ImportError) and "socksio" in str(cause) for cause in chain(error)):
        return UserError("a SOCKS proxy is set (ALL_PROXY), which needs: pip install 'httpx[socks]'; or unset it")
    return None
