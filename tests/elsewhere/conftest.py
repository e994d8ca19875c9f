"""A cache of their own for the tests that need an S3 server or a Ray cluster: `tox -e ray` runs them."""

import pytest


@pytest.fixture(autouse=True)
def own_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
