import sys

import pytest
from sweepbook.runner.config import active, config_id
from sweepbook.runner.launch.owncode import places
from sweepbook.runner.own import OwnError, check, defines, source
from sweepbook.runner.ownimports import imported
from sweepbook.runner.plan import load_study
from sweepbook.runner.planreading import PlanError
from sweepbook.runner.settings import is_own

PLAN = """
[study]
title = "T"
seeds = [0]
[baseline]
dataset = "digits"
model = "nets.small:build"
own = { width = 8 }
epochs = 1
batch_size = 8
lr = 0.1
optimizer = "SGD"
[[group]]
name = "width"
grid = { own.width = [8, 16], lr = [0.1] }
  [[group.prediction]]
  says = "Wide is better"
  better = { own.width = 16 }
  than = { own = { width = 8 } }
"""


def study(folder, text=PLAN):
    (folder / "study.toml").write_text(text)
    return load_study(folder)


def test_a_plan_sets_what_a_model_of_ones_own_takes(tmp_path):
    (group,) = study(tmp_path).groups
    assert [member.label for member in group.members] == ["width_8_0.1", "width_16_0.1"]
    assert [member.config["own.width"] for member in group.members] == [8, 16]
    assert group.factors == ("own.width", "lr")
    assert group.predictions[0].better == {"own.width": [16]}


def test_a_list_of_configurations_varies_own_settings_too(tmp_path):
    configs = 'configs = [{ name = "a", own.width = 8 }, { name = "b", own.width = 9, model = "nets.other:build" }]'
    text = PLAN.replace("grid = { own.width = [8, 16], lr = [0.1] }", configs).partition("  [[group.prediction]]")[0]
    (group,) = study(tmp_path, text).groups
    assert group.factors == ("name", "model", "own.width")


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        (
            "own = { width = 8 }",
            "own = { width = { deep = 1 } }",
            "own.width: {'deep': 1} found, text, a number, true, false or a list",
        ),
        ("own = { width = 8 }", "width = 8", "baseline.width: unknown setting; "),
        ("own = { width = 8 }", "own = 8", "baseline.own: unknown setting"),
        ('"nets.small:build"', '"nets.small"', '\'nets.small\' found, one of "mlp", "cnn", or your own as "module:function"'),
        ("better = { own.width = 16 }", "better = { own.width = 17 }", "own.width = 17 is no level of this group; it has 8, 16"),
        ("own.width = [8, 16]", "own.width = 8", "grid.own.width: 8 found, a list of levels expected"),
    ],
)
def test_what_a_plan_says_wrong_of_its_own_model_is_named(tmp_path, old, new, says):
    with pytest.raises(PlanError) as error:
        study(tmp_path, PLAN.replace(old, new))
    assert says in str(error.value)


def test_settings_of_our_models_do_not_act_in_ones_own_nor_the_other_way_round():
    ours = {
        "dataset": "digits",
        "model": "mlp",
        "units1": 8,
        "depth": 1,
        "epochs": 1,
        "batch_size": 8,
        "lr": 0.1,
        "optimizer": "SGD",
    }
    own = {**ours, "model": "nets:build", "own.width": 4, "dropout": 0.5}
    assert "own.width" not in active({**ours, "own.width": 4})
    assert active(own).keys() & {"units1", "depth", "dropout", "own.width"} == {"own.width"}
    assert config_id(own) != config_id({**own, "own.width": 5})
    assert config_id(own) == config_id({**own, "units1": 99})


def test_the_model_of_another_tool_that_looks_like_ones_own_keeps_its_settings():
    theirs = {
        "model": "llama3:latest",
        "dataset": "squad",
        "epochs": 1,
        "batch_size": 8,
        "lr": 0.1,
        "optimizer": "SGD",
        "dropout": 0.5,
    }
    assert is_own(theirs["model"])
    assert active(theirs)["dropout"] == 0.5


def test_a_module_is_looked_for_beside_the_plan_first_and_never_run(tmp_path):
    near, far = tmp_path / "near", tmp_path / "far"
    for folder in (near, far):
        (folder / "nets").mkdir(parents=True)
        (folder / "nets" / "__init__.py").write_text("raise SystemExit")
        (folder / "nets" / "small.py").write_text("raise SystemExit\n\ndef build():\n    pass\n")
    assert source("model", "nets.small:build", [near, far]) == near / "nets" / "small.py"
    assert source("model", "json.decoder:JSONDecoder", [near]).name == "decoder.py"
    check([{"model": "nets.small:build"}], [far])
    assert "nets" not in sys.modules


def test_what_is_not_there_is_named_with_where_it_was_looked_for(tmp_path):
    (tmp_path / "net.py").write_text("def build():\n    pass\n")
    (tmp_path / "cut.py").write_text("def build(:\n")
    for name, says in (
        ("nets:build", f'model = "nets:build": no module "nets" in {tmp_path}, nor among the installed packages'),
        ("net.small:build", 'no module "net.small" in '),
        ("net:biuld", f'model = "net:biuld": {tmp_path / "net.py"} has no function "biuld"'),
        ("cut:build", f"{tmp_path / 'cut.py'}, line 1: cannot be read: "),
        ("sys:exit", '"sys" is no module of Python text'),
    ):
        with pytest.raises(OwnError) as error:
            check([{"model": name}], [tmp_path])
        assert says in str(error.value)


def test_every_model_that_a_search_chooses_among_has_to_be_there(tmp_path):
    (tmp_path / "net.py").write_text("def build():\n    pass\n")
    searched = 'search = { model = ["mlp", "net:build", "net:wide"] }\nruns = 2'
    text = PLAN[: PLAN.index("grid")].replace("own =", "units1 = 8\ndepth = 1\nown =").replace("nets.small:", "net:") + searched
    with pytest.raises(OwnError, match=r'model = "net:wide": .*net.py has no function "wide"'):
        places(study(tmp_path, text))


@pytest.mark.parametrize(
    "text", ["build = make()", "from x import build", "from x import a as build", "from x import *", "class build: 0"]
)
def test_a_name_may_come_to_a_module_in_any_way(tmp_path, text):
    (tmp_path / "net.py").write_text(text)
    assert defines(tmp_path / "net.py", "build")


# A package with a module for each way to import another, and a second folder that it reaches into.
FILES = {
    "near/pack/__init__.py": "",
    "near/pack/net.py": "import os, numpy\nfrom . import blocks\nfrom .deep.parts import act\n\ndef build():\n    import far\n",
    "near/pack/blocks.py": "from .. import nothing\nfrom pack.loops import *\n",
    "near/pack/loops.py": "import pack.net, pack.blocks\n",
    "near/pack/deep/__init__.py": "act = 1\n",
    "near/pack/deep/parts.py": "from pack.deep import act, none\n",
    "near/pack/unused.py": "raise SystemExit\n",
    "off/far.py": "import hidden.inner\n",
    "off/hidden/inner.py": "import broken\n",  # a package without an __init__
    "off/broken.py": "def (:\n",
    "off/unused.py": "",
}  # fmt: skip


def test_the_modules_that_ones_own_imports_are_found_and_none_is_run(tmp_path):
    for name, text in FILES.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    found = imported("pack.net:build", [tmp_path / "near", tmp_path / "off"])
    assert list(found) == ["broken", "far", "hidden.inner", "pack", "pack.blocks", "pack.deep", "pack.deep.parts", "pack.loops"]
    assert found["far"] == tmp_path / "off/far.py"
    assert imported("far:load", [tmp_path / "off"]).keys() == {"broken", "hidden.inner"}
    assert imported("unused:load", [tmp_path / "off"]) == {}


def test_of_an_installed_module_its_own_package_alone_is_followed(tmp_path):
    found = imported("json.decoder:JSONDecoder", [tmp_path])
    assert list(found) == ["json", "json.encoder", "json.scanner"]
