import gzip
import hashlib
import io
import pickle
import socket
import struct
import tarfile
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pytest
import torch
import torchvision
from sweepbook.runner.training import data
from sweepbook.runner.training.data import DataError, load, load_test
from sweepbook.runner.training.digest import digest

pytestmark = pytest.mark.training
CPU = torch.device("cpu")


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


@pytest.fixture
def site(tmp_path):
    """A folder, and the address at which a web server on this machine serves it."""
    folder = tmp_path / "site"
    folder.mkdir()
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder))) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield folder, f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()
        thread.join()


@pytest.fixture
def nowhere():
    """An address at which nothing answers."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound and not listening: connections are refused
        yield f"http://127.0.0.1:{taken.getsockname()[1]}/"


@pytest.fixture
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("SWEEPBOOK_DATA", str(tmp_path / "cache"))
    monkeypatch.setattr(data, "DEBIAN_FASHION_MNIST", tmp_path / "no-such-folder")
    return tmp_path / "cache"


def test_digits_are_split_into_training_validation_and_test():
    digits, test = load("digits", CPU), load_test("digits", CPU)
    assert (len(digits.train), len(digits.valid), len(test)) == (1078, 360, 359)
    assert digits.shape == (1, 8, 8)
    for split in (digits.train, digits.valid, test):
        assert split.images.shape[1:] == (1, 8, 8)
        assert (split.images.dtype, split.labels.dtype) == (torch.float32, torch.int64)
        assert split.images.min() == 0
        assert split.images.max() == 1
        assert split.labels.unique().tolist() == list(range(10))


def test_no_digit_is_in_two_splits():
    from sklearn.datasets import load_digits

    digits, test = load("digits", CPU), load_test("digits", CPU)
    splits = [split.images.flatten(1).mul(16).to(torch.uint8) for split in (digits.train, digits.valid, test)]
    together = sorted(bytes(row.tolist()) for split in splits for row in split)
    assert together == sorted(bytes(row.astype(np.uint8).tolist()) for row in load_digits().data)


@pytest.mark.parametrize("there", [True, False])
def test_digits_are_those_of_scikit_learn_whether_or_not_its_file_lies_where_it_did(monkeypatch, there):
    from sklearn.datasets import load_digits

    if not there:
        monkeypatch.setattr(data, "find_spec", lambda name: None)
    for ours, theirs in zip(data._digits_of_sklearn(), load_digits(return_X_y=True), strict=True):
        np.testing.assert_array_equal(ours, theirs)


def test_the_split_is_the_same_on_every_call_whatever_was_drawn_before():
    torch.manual_seed(1)
    first = load("digits", CPU)
    torch.manual_seed(2)
    np.random.default_rng(3).random()
    second = load("digits", CPU)
    assert torch.equal(first.train.images, second.train.images)
    assert torch.equal(first.valid.images, second.valid.images)
    assert torch.equal(first.train.labels, second.train.labels)
    assert torch.equal(first.valid.labels, second.valid.labels)


def test_a_split_has_a_digest_that_any_other_image_label_order_or_type_changes():
    digits = load("digits", CPU)
    pixels, labels = digits.valid.images.mul(16).to(torch.uint8), digits.valid.labels
    turned = torch.arange(len(labels)).roll(1)
    brighter = pixels.clone()
    brighter[3, 0, 4, 4] += 1
    others = [digest(brighter, labels), digest(pixels, labels + 1), digest(pixels[turned], labels[turned])]
    others += [digest(pixels.int(), labels), digest(pixels.flatten(1), labels), digits.train.digest]
    assert digits.valid.digest == digest(pixels, labels) == load("digits", CPU).valid.digest
    assert len({digits.valid.digest, *others}) == 7


def test_a_digest_knows_tensors_of_every_type_and_layout():
    image = torch.arange(6.0).reshape(1, 2, 3)
    assert digest(image.transpose(1, 2)) == digest(image.transpose(1, 2).contiguous()) != digest(image)
    assert len(digest(image.bfloat16())) == len(digest(torch.tensor(1))) == len(digest(torch.empty(0))) == 16


def test_loading_leaves_the_global_random_state_alone():
    torch.manual_seed(7)
    expected = torch.rand(3)
    torch.manual_seed(7)
    load("digits", CPU)
    assert torch.equal(torch.rand(3), expected)


@pytest.mark.skipif(not data.DEBIAN_FASHION_MNIST.is_dir(), reason="Debian's dataset-fashion-mnist is not installed")
def test_fashion_mnist_is_unpacked_from_debians_files(tmp_path, monkeypatch):
    monkeypatch.setenv("SWEEPBOOK_DATA", str(tmp_path))
    fashion, test = load("fashion_mnist", CPU), load_test("fashion_mnist", CPU)
    assert (len(fashion.train), len(fashion.valid), len(test)) == (50_000, 10_000, 10_000)
    assert fashion.shape == (1, 28, 28)
    assert torch.cat([fashion.train.labels, fashion.valid.labels]).bincount().tolist() == [6000] * 10
    assert test.labels.bincount().tolist() == [1000] * 10
    assert fashion.train.images.min() == 0
    assert fashion.train.images.max() == 1
    assert not list(tmp_path.rglob("*.part"))


def idx_files(train, test, seed=0):
    """The four files of a small dataset in Fashion-MNIST's format, and its training images and labels."""
    rng = np.random.default_rng(seed)
    made, files = {}, {}
    for prefix, count in (("train", train), ("t10k", test)):
        images = rng.integers(0, 256, (count, 28, 28), dtype=np.uint8)
        labels = rng.integers(0, 10, count, dtype=np.uint8)
        made[prefix] = images, labels
        files[f"{prefix}-images-idx3-ubyte"] = struct.pack(">IIII", 2051, count, 28, 28) + images.tobytes()
        files[f"{prefix}-labels-idx1-ubyte"] = struct.pack(">II", 2049, count) + labels.tobytes()
    return files, made


def serve_fashion_mnist(folder, address, monkeypatch, files):
    resources = []
    for name, content in files.items():
        packed = gzip.compress(content)
        (folder / f"{name}.gz").write_bytes(packed)
        resources.append((f"{name}.gz", hashlib.md5(packed).hexdigest()))
    monkeypatch.setattr(torchvision.datasets.FashionMNIST, "mirrors", [address])
    monkeypatch.setattr(torchvision.datasets.FashionMNIST, "resources", resources)


def test_fashion_mnist_is_downloaded_where_debian_has_not_put_it(site, cache, monkeypatch):
    files, made = idx_files(train=10_050, test=20)
    serve_fashion_mnist(*site, monkeypatch, files)
    fashion, test = load("fashion_mnist", CPU), load_test("fashion_mnist", CPU)
    assert (len(fashion.train), len(fashion.valid), len(test)) == (50, 10_000, 20)
    images, labels = made["t10k"]
    np.testing.assert_array_equal((test.images[:, 0] * 255).round().to(torch.uint8).numpy(), images)
    assert test.labels.tolist() == labels.tolist()
    together = torch.cat([fashion.train.images, fashion.valid.images])[:, 0].mul(255).round().to(torch.uint8).numpy()
    assert sorted(map(bytes, together.reshape(10_050, -1))) == sorted(map(bytes, made["train"][0].reshape(10_050, -1)))


def test_what_was_downloaded_once_is_not_asked_for_again(site, cache, nowhere, monkeypatch):
    serve_fashion_mnist(*site, monkeypatch, idx_files(train=10_001, test=2)[0])
    first = load("fashion_mnist", CPU)
    monkeypatch.setattr(torchvision.datasets.FashionMNIST, "mirrors", [nowhere])
    second = load("fashion_mnist", CPU)
    assert torch.equal(first.train.images, second.train.images)


def test_debians_files_are_unpacked_where_they_are(cache, tmp_path, nowhere, monkeypatch):
    debian = tmp_path / "debian"
    debian.mkdir()
    files, made = idx_files(train=10_005, test=4)
    for name, content in files.items():
        (debian / f"{name}.gz").write_bytes(gzip.compress(content))
    monkeypatch.setattr(data, "DEBIAN_FASHION_MNIST", debian)
    monkeypatch.setattr(torchvision.datasets.FashionMNIST, "mirrors", [nowhere])
    assert len(load("fashion_mnist", CPU).train) == 5
    assert load_test("fashion_mnist", CPU).labels.tolist() == made["t10k"][1].tolist()
    assert sorted(path.name for path in (cache / "FashionMNIST" / "raw").iterdir()) == sorted(files)


def test_without_debians_files_and_without_a_network_both_ways_are_named(cache, nowhere, monkeypatch):
    monkeypatch.setattr(torchvision.datasets.FashionMNIST, "mirrors", [nowhere])
    with pytest.raises(DataError) as caught:
        load("fashion_mnist", CPU)
    message = str(caught.value)
    assert 'dataset "fashion_mnist"' in message
    assert "the download failed" in message
    assert "Allow the download" in message
    assert "apt-get install dataset-fashion-mnist" in message


def test_a_download_that_was_changed_on_the_way_is_refused(site, cache, monkeypatch):
    folder, address = site
    serve_fashion_mnist(folder, address, monkeypatch, idx_files(train=10_001, test=2)[0])
    (folder / "train-labels-idx1-ubyte.gz").write_bytes(gzip.compress(b"something else"))
    with pytest.raises(DataError, match="the download failed"):
        load("fashion_mnist", CPU)


def serve_cifar10(folder, address, monkeypatch):
    """Serves a CIFAR-10 of 5 x 2010 training and 6 test images; returns the test images and labels."""
    rng = np.random.default_rng(0)
    sizes = {**{f"data_batch_{i}": 2010 for i in range(1, 6)}, "test_batch": 6}
    members = {"batches.meta": {"label_names": [str(i) for i in range(10)]}}
    for name, size in sizes.items():
        images = rng.integers(0, 256, (size, 3072), dtype=np.uint8)
        members[name] = {"data": images, "labels": rng.integers(0, 10, size).tolist()}
    sums = {}
    with tarfile.open(folder / "cifar-10-python.tar.gz", "w:gz", compresslevel=1) as archive:
        for name, content in members.items():
            packed = pickle.dumps(content)
            sums[name] = hashlib.md5(packed).hexdigest()
            entry = tarfile.TarInfo(f"cifar-10-batches-py/{name}")
            entry.size = len(packed)
            archive.addfile(entry, io.BytesIO(packed))
    cifar10 = torchvision.datasets.CIFAR10
    monkeypatch.setattr(cifar10, "url", address + "cifar-10-python.tar.gz")
    monkeypatch.setattr(cifar10, "tgz_md5", hashlib.md5((folder / "cifar-10-python.tar.gz").read_bytes()).hexdigest())
    monkeypatch.setattr(cifar10, "train_list", [[f"data_batch_{i}", sums[f"data_batch_{i}"]] for i in range(1, 6)])
    monkeypatch.setattr(cifar10, "test_list", [["test_batch", sums["test_batch"]]])
    monkeypatch.setattr(cifar10, "meta", {"filename": "batches.meta", "key": "label_names", "md5": sums["batches.meta"]})
    return members["test_batch"]


def test_cifar10_is_downloaded_and_kept(site, cache, nowhere, monkeypatch):
    expected = serve_cifar10(*site, monkeypatch)
    cifar, test = load("cifar10", CPU), load_test("cifar10", CPU)
    assert (len(cifar.train), len(cifar.valid), len(test)) == (50, 10_000, 6)
    assert cifar.shape == (3, 32, 32)
    assert test.images.dtype == torch.float32
    np.testing.assert_array_equal((test.images * 255).round().to(torch.uint8).reshape(6, -1).numpy(), expected["data"])
    assert test.labels.tolist() == expected["labels"]
    monkeypatch.setattr(torchvision.datasets.CIFAR10, "url", nowhere)
    assert torch.equal(load("cifar10", CPU).train.images, cifar.train.images)


def test_cifar10_that_cannot_be_had_is_told_with_the_folder_where_it_is_missed(cache, nowhere, monkeypatch):
    monkeypatch.setattr(torchvision.datasets.CIFAR10, "url", nowhere + "cifar-10-python.tar.gz")
    with pytest.raises(DataError) as caught:
        load("cifar10", CPU)
    assert f'dataset "cifar10" is not in {cache} and its download failed' in str(caught.value)


def test_datasets_are_kept_in_the_cache_folder_of_the_user(tmp_path, monkeypatch):
    monkeypatch.delenv("SWEEPBOOK_DATA", raising=False)
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    assert data.cache_folder() == Path.home() / ".cache" / "sweepbook" / "data"
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
    assert data.cache_folder() == tmp_path / "xdg" / "sweepbook" / "data"
    monkeypatch.setenv("SWEEPBOOK_DATA", str(tmp_path / "own"))
    assert data.cache_folder() == tmp_path / "own"
