"""What `--executor ray` says where there is no cluster to go to."""

from importlib.util import find_spec

import pytest
from sweepbook.analysis.cli.main import main
from sweepbook.runner.config import SweepbookError
from sweepbook.runner.launch.rayaddress import check


def test_an_address_where_nothing_listens_is_one_error_at_once():
    with pytest.raises(SweepbookError, match=r"--executor ray: no cluster answers at 127\.0\.0\.1:1"):
        check("127.0.0.1:1")


@pytest.mark.parametrize("address", [None, "auto", "local"])
def test_what_names_no_host_is_for_ray_to_find(address):
    check(address)


def test_the_address_of_a_ray_client_is_refused_with_what_to_do():
    with pytest.raises(SweepbookError, match="run this on a machine of the cluster"):
        check("ray://head:10001")


@pytest.mark.skipif(find_spec("ray") is not None, reason="Ray is installed")
def test_without_ray_the_command_says_what_to_install(tmp_path, capsys):
    text = '[study]\ntitle = "T"\nseeds = [0]\n[baseline]\ndataset = "digits"\nmodel = "mlp"\nunits1 = 8\nunits2 = 8\ndepth = 2\n'
    text += 'epochs = 1\nbatch_size = 32\nlr = 0.003\noptimizer = "Adam"\n'
    text += '[[group]]\nname = "a"\ntitle = "A"\ngrid = { lr = [0.1] }\n'
    (tmp_path / "study.toml").write_text(text)
    assert main(["run", str(tmp_path), "--executor", "ray", "--logs", str(tmp_path / "logs")]) == 2
    said = capsys.readouterr().err
    assert "--executor ray needs Ray, which is not installed: pip install 'ray>=2.40'; " in said
    assert "in Sweepbook's checkout: pip install '.[ray]'" in said
