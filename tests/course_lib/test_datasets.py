"""The digits are the real ones, the parts are fixed, the toys repeat, and MNIST arrives whole or not at all."""

import gzip
import hashlib
import os
from http.client import BadStatusLine, IncompleteRead

import numpy as np
import pytest

from course_lib import datasets
from course_lib.datasets import digits, line, mnist, moons, one_hot


def test_the_digits_are_the_published_ones():
    """Counts per class as the UCI page lists them for its test file, and the content by its hash."""
    with datasets.files("course_lib").joinpath("data/digits.npz").open("rb") as file, np.load(file) as stored:
        images, labels = stored["images"], stored["labels"]
    assert np.bincount(labels).tolist() == [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]
    assert (images.shape, images.dtype, images.min(), images.max()) == ((1797, 8, 8), np.uint8, 0, 16)
    digest = hashlib.sha256(images.tobytes() + labels.tobytes()).hexdigest()
    assert digest == "87ff0c9e40dc7e2c0e34e7257799c2e3f3aec1a016363bb11cad869ec428a826"


def test_digits_come_in_three_parts_with_nothing_in_common():
    data = digits()
    assert [part.X.shape for part in data] == [(64, 1285), (64, 256), (64, 256)]
    columns = [{column.tobytes() for column in part.X.T.copy()} for part in data]
    assert not (columns[0] & columns[1] or columns[0] & columns[2] or columns[1] & columns[2])
    for part in data:
        assert part.Y.shape == (10, part.X.shape[1]) and part.X.min() == 0 and part.X.max() == 1
        np.testing.assert_array_equal(part.Y.argmax(axis=0), part.labels)
        assert np.bincount(part.labels, minlength=10).min() > part.labels.size / 15  # every digit is in every part
    for ours, again in zip(data, digits(), strict=True):
        np.testing.assert_array_equal(ours.X, again.X)


def test_one_hot():
    for labels in ([2, 0], (2.0, 0.0), np.array([2, 0], np.uint8), np.array([2, 0], np.float32)):
        np.testing.assert_array_equal(one_hot(labels, 3), [[0, 1], [0, 0], [1, 0]])
    assert one_hot([]).shape == (10, 0) and one_hot(np.array([], int), 4).shape == (4, 0)


@pytest.mark.parametrize(
    ("labels", "error", "sentence"),
    [
        ([-1], ValueError, "from 0 to 9; one of them is -1"),
        ([0, 10], ValueError, "from 0 to 9; one of them is 10"),
        ([0.5], ValueError, "whole numbers"),
        ([np.nan], ValueError, "whole numbers"),
        ([np.inf], ValueError, "whole numbers"),
        ([1 + 2j], ValueError, "whole numbers"),
        ([True, False], ValueError, "whole numbers"),
        (3, ValueError, r"shape \(\); it takes one label an example"),
        ([[1, 2]], ValueError, r"shape \(1, 2\)"),
        ([[1], [1, 2]], ValueError, "rows of different length"),
        (["seven"], TypeError, "labels holds numbers"),
        (None, TypeError, "labels holds numbers; this is None"),
        (np.ma.array([1, 2], mask=[0, 1]), TypeError, "masked"),
    ],
    ids=repr,
)
def test_labels_that_no_class_has_are_told(labels, error, sentence):
    with pytest.raises(error, match=sentence):
        one_hot(labels)


@pytest.mark.parametrize("make", [moons, line])
def test_toys_need_an_example_and_a_noise(make):
    for m in (0, -3, 2.5, "many", None):
        with pytest.raises(ValueError, match="m, the number of examples, is a whole number and at least 1"):
            make(m)
    for noise in (-0.1, "loud", np.nan):
        with pytest.raises(ValueError, match="noise is a number at least 0"):
            make(5, noise=noise)
    with pytest.raises(ValueError, match="classes is a whole number"):
        one_hot([], 0)


@pytest.mark.parametrize("make", [moons, line])
def test_toys_repeat_with_a_seed_and_have_the_course_s_shapes(make):
    a, b, c = make(60, seed=1), make(60, seed=1), make(60, seed=2)
    np.testing.assert_array_equal(a.X, b.X)
    assert (a.X != c.X).any()
    assert a.X.shape[1] == a.Y.shape[1] == 60
    if a.labels is not None:
        assert np.ptp(np.bincount(a.labels)) <= 1


def test_toys_are_what_they_are_called():
    clean = moons(500, noise=0)
    upper = clean.labels == 0
    np.testing.assert_allclose(np.hypot(*clean.X[:, upper]), 1)
    np.testing.assert_allclose(np.hypot(clean.X[0, ~upper] - 1, clean.X[1, ~upper] - 0.5), 1)
    points = line(400, slope=3.0, intercept=0.5, noise=0.1)
    slope, intercept = np.polyfit(points.X[0], points.Y[0], 1)
    assert slope == pytest.approx(3, abs=0.05) and intercept == pytest.approx(0.5, abs=0.05)


# ---- MNIST, from a folder that plays the network


def idx(array):
    header = bytes([0, 0, 8, array.ndim]) + np.array(array.shape, ">u4").tobytes()
    return gzip.compress(header + array.tobytes())


@pytest.fixture
def network(tmp_path, monkeypatch):
    """Two sources as folders: "first" has nothing, "second" has small files in MNIST's format."""
    rng = np.random.default_rng(0)
    arrays = [
        rng.integers(0, 256, (50, 28, 28)),
        rng.integers(0, 10, 50),
        rng.integers(0, 256, (10, 28, 28)),
        rng.integers(0, 10, 10),
    ]
    for folder in ("first", "second"):
        (tmp_path / folder).mkdir()
    table = {}
    for name, array in zip(datasets.MNIST_FILES, arrays, strict=True):
        content = idx(array.astype(np.uint8))
        (tmp_path / "second" / name).write_bytes(content)
        table[name] = (len(content), hashlib.sha256(content).hexdigest())
    monkeypatch.setattr(datasets, "MNIST_FILES", table)
    monkeypatch.setattr(datasets, "MNIST_SOURCES", [(tmp_path / f).as_uri() + "/" for f in ("first", "second")])
    return tmp_path, arrays


def test_mnist_downloads_once_from_whichever_source_has_it(network, monkeypatch, capsys):
    folder, arrays = network
    data = mnist(folder / "cache")
    assert [part.X.shape for part in data] == [(784, 40), (784, 10), (784, 10)]
    assert data.train.X.dtype == np.float32
    np.testing.assert_allclose(data.validation.X[:, 0], arrays[0][40].ravel() / 255, rtol=1e-6)
    np.testing.assert_array_equal(data.test.labels, arrays[3])
    assert "train-images-idx3-ubyte.gz: 0.0 of 0.0 MB" in capsys.readouterr().out
    monkeypatch.setattr(datasets, "MNIST_SOURCES", [])
    again = mnist(folder / "cache")
    np.testing.assert_array_equal(again.train.X, data.train.X)
    assert capsys.readouterr().out == ""
    assert sorted(p.name for p in (folder / "cache").iterdir()) == sorted(datasets.MNIST_FILES)


def test_mnist_offline_says_what_to_do(network, monkeypatch):
    folder, _ = network
    monkeypatch.setattr(datasets, "MNIST_SOURCES", [(folder / "first").as_uri() + "/"])
    with pytest.raises(ConnectionError, match=r"use digits\(\).*copy these files.*t10k-labels"):
        mnist(folder / "cache", progress=False)
    assert list((folder / "cache").iterdir()) == []


def test_mnist_refuses_wrong_content_and_mends_a_damaged_cache(network, monkeypatch):
    folder, _ = network
    name = next(iter(datasets.MNIST_FILES))
    good = (folder / "second" / name).read_bytes()
    for wrong in (good[:-1] + b"x", good + good, good[:100]):
        (folder / "first" / name).write_bytes(wrong)
        assert datasets._fetch(folder / "first", name, False) == good  # in the cache and at the first source
        assert (folder / "first" / name).read_bytes() == good
    (folder / "second" / name).write_bytes(wrong)
    monkeypatch.setattr(datasets, "MNIST_SOURCES", datasets.MNIST_SOURCES[1:])
    with pytest.raises(ConnectionError, match="SHA-256 differs"):
        mnist(folder / "cache", progress=False)
    assert list((folder / "cache").iterdir()) == []


@pytest.mark.parametrize(
    "problem",
    [
        IncompleteRead(b"abc", 100),
        BadStatusLine("this is no http"),
        ValueError("Invalid IPv6 URL"),
        TimeoutError("timed out"),
    ],
    ids=repr,
)
def test_whatever_is_wrong_with_the_first_source_the_second_is_tried(network, monkeypatch, problem):
    folder, _ = network
    download = datasets._download

    def broken_first(url, *settings):
        if "/first/" in url:
            raise problem
        return download(url, *settings)

    monkeypatch.setattr(datasets, "_download", broken_first)
    assert mnist(folder / "cache", progress=False).train.X.shape == (784, 40)
    monkeypatch.setattr(datasets, "MNIST_SOURCES", datasets.MNIST_SOURCES[:1])
    with pytest.raises(ConnectionError, match=r"first/: .*use digits\(\)"):
        mnist(folder / "other", progress=False)


def test_a_damaged_file_is_not_called_missing(network, monkeypatch):
    folder, _ = network
    monkeypatch.setattr(datasets, "MNIST_SOURCES", [])
    name = next(iter(datasets.MNIST_FILES))
    (folder / "cache").mkdir()
    with pytest.raises(ConnectionError, match=rf"cache\. {name} is not there\. It could not be downloaded"):
        mnist(folder / "cache", progress=False)
    (folder / "cache" / name).write_bytes(b"half of it")
    with pytest.raises(ConnectionError, match=rf"cache\. {name} is there, but its SHA-256 differs.* not be downloaded"):
        mnist(folder / "cache", progress=False)


@pytest.mark.parametrize("bad", ["a file", "below a file", "a folder where a file belongs", "not writable"])
def test_a_folder_that_cannot_be_used_is_named(network, monkeypatch, bad):
    folder, _ = network
    name = next(iter(datasets.MNIST_FILES))
    (folder / "file").write_bytes(b"")
    (folder / "taken" / name).mkdir(parents=True)
    place = {
        "a file": folder / "file",
        "below a file": folder / "file" / "mnist",
        "a folder where a file belongs": folder / "taken",
        "not writable": folder / "cache",
    }[bad]
    if bad == "not writable":

        def refused(*_):
            raise PermissionError(13, "Permission denied")

        monkeypatch.setattr(datasets, "write_whole", refused)
    with pytest.raises(OSError, match=r"MNIST cannot be kept in .* mnist\(folder=\.\.\.\)") as caught:
        mnist(place, progress=False)
    assert str(place) in str(caught.value) and not isinstance(caught.value, ConnectionError)


def test_a_tilde_is_the_home_folder(network, monkeypatch):
    folder, _ = network
    for variable in ("HOME", "USERPROFILE"):
        monkeypatch.setenv(variable, str(folder / "home"))
    monkeypatch.chdir(folder)
    mnist("~/mine", progress=False)
    mnist(progress=False)
    assert (folder / "home" / "mine").is_dir() and (folder / "home" / ".cache" / "backprop-course" / "mnist").is_dir()
    assert not (folder / "~").exists()


@pytest.mark.skipif(os.name == "nt", reason="Windows keeps no such rights")
def test_others_may_read_the_files(network):
    folder, _ = network
    mnist(folder / "cache", progress=False)
    assert {path.stat().st_mode & 0o777 for path in (folder / "cache").iterdir()} == {0o644}


def test_not_an_idx_file():
    with pytest.raises(ValueError, match="IDX"):
        datasets._read_idx(gzip.compress(b"<html>"))


@pytest.mark.parametrize("folder", [5, b"here", ["here"], True])
def test_a_folder_is_a_path(folder):
    with pytest.raises(TypeError, match="folder is the path of a folder"):
        mnist(folder)


def test_many_classes_take_no_more_room_than_the_answer():
    assert one_hot([99_999, 0], 100_000).sum(axis=0).tolist() == [1.0, 1.0]


def test_a_data_set_is_the_same_in_every_session():
    for make in (lambda: moons(4, seed=None), lambda: line(4, seed=None)):
        with pytest.raises(TypeError, match="A seed is a whole number"):
            make()
    with pytest.raises(ValueError, match="noise is a finite number"):
        moons(4, noise=np.inf)
