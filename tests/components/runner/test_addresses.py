"""An address shows no secret however it gets into a text, and is whole for whoever connects."""

from __future__ import annotations

from components.runner.addresses import Address


def test_only_who_connects_sees_the_password() -> None:
    address = Address("postgresql://me:p%40ss/w?rd@db.example.org:5432/mlflow?sslpassword=geheim&x=1")
    shown = "postgresql://db.example.org:5432/mlflow?sslpassword=***&x=1"
    assert f"{address}" == str(address) == "%s" % address == shown  # noqa: UP031 (that way, too)
    assert "p%40ss" not in repr(address)
    assert address.secret.startswith("postgresql://me:p%40ss/w?rd@")


def test_what_speaks_http() -> None:
    assert Address("https://u:p@host").is_server
    assert not Address("sqlite:///mlflow.db").is_server
