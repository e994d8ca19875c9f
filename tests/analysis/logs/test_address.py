"""What a user calls run logs, and the folder on this machine that is meant."""

from pathlib import Path

import pytest
from sweepbook.analysis.logs.address import address_of, called, folder_of
from sweepbook.runner.config import SweepbookError


def test_a_path_is_the_folder_that_it_names():
    assert folder_of("modellogs/runs") == Path("modellogs/runs")
    assert called(Path("modellogs/runs")) == "modellogs/runs"


def test_file_names_a_folder_of_this_machine():
    assert folder_of("file:///srv/runs") == Path("/srv/runs")


@pytest.mark.parametrize("address", ["s3://bucket", "s3://bucket/a/b c", "memory://runs/x"])
def test_an_address_has_a_mirror_that_is_called_by_it(address):
    mirror = folder_of(address + "/")
    assert (address_of(mirror), called(mirror)) == (address, address)


def test_a_mirror_has_the_last_name_of_its_address():
    assert folder_of("s3://bucket/runs/mine").name == "mine"


@pytest.mark.parametrize("address", ["s3://bucket/../../etc", "s3:///", "s3://./x"])
def test_an_address_that_leads_out_of_the_mirrors_is_refused(address):
    with pytest.raises(SweepbookError, match="not an address of run logs"):
        folder_of(address)
