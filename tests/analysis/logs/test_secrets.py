from dataclasses import replace

import pytest
from sweepbook.analysis.logs.secrets import HIDDEN, without_secrets

SECRETS = {
    "wandb_key": "wk-1",
    "training.apiKey": "abc",
    "db_password": "hunter2",
    "password": 1234,
    "hub_token": "hf_" + "a1" * 17,
    "anything": "AKIA" + "A1B2" * 4,
    "storage": "postgresql://me:word@host/db",
    "keys": ["x", "sk-" + "a1B2c3D4e5" * 3],
    "token": "0a1b2c3d4e5f60718293a4b5",
}
SETTINGS = {
    "max_tokens": 512,
    "pad_token": "<pad>",
    "eos_token": "</s>",
    "key": "relu",
    "num_keys": 4,
    "monkey": "x",
    "tokenizer": "gpt2",
    "api_key": "None",
    "wandb_token": False,
    "data": "https://host/data.csv",
}


@pytest.mark.parametrize("name", SECRETS)
def test_a_secret_by_name_or_by_shape_is_dropped_and_its_name_is_told(run, name):
    clean, names = without_secrets(run(config={"lr": 0.1, name: SECRETS[name]}))
    assert dict(clean.config) == {"lr": 0.1}
    assert names == name


def test_settings_that_only_sound_like_one_stay(run):
    made = run(config=SETTINGS)
    assert without_secrets(made) == (made, "")


@pytest.mark.parametrize("text", ["label", "study", "error", "note"])
def test_a_secret_in_the_words_of_a_run_is_masked(run, text):
    secret = "ghp_" + "a1B2" * 9
    clean, names = without_secrets(replace(run(), **{text: f"before {secret} after"}))
    assert getattr(clean, text) == f"before {HIDDEN} after"
    assert names == f"the run's {text}"


def test_a_secret_in_the_environment_is_dropped(run):
    clean, names = without_secrets(run(environment={"torch": "2.6", "WANDB_API_KEY": "x1"}))
    assert (dict(clean.environment), names) == ({"torch": "2.6"}, "WANDB_API_KEY")
