"""Examples to learn from: real handwritten digits, toy problems, and full MNIST on request.

One column is one example. Everything is the same in every session: the digits' parts are fixed, toys come from a seed.
"""

from __future__ import annotations

import gzip
import hashlib
import os
import urllib.request
from http.client import HTTPException
from importlib.resources import files
from pathlib import Path
from typing import NamedTuple

import numpy as np

from course_lib.arguments import MANY, generator, numbers, real_number, whole_number
from course_lib.files import write_whole


class Examples(NamedTuple):
    """m examples: X (n_0, m), targets Y (n_L, m), and the class of each, labels (m,), or None where there is none."""

    X: np.ndarray
    Y: np.ndarray
    labels: np.ndarray | None = None


class Dataset(NamedTuple):
    """Three parts with no example in common: to learn from, to choose with, and to judge with once, at the end."""

    train: Examples
    validation: Examples
    test: Examples


def one_hot(labels, classes: int = 10) -> np.ndarray:
    """Shape (classes, m): a column of zeros with a one at the label's place.

    Raises:
        ValueError: unless labels, shape (m,), are whole numbers from 0 to classes - 1.
    """
    classes, given = whole_number(classes, "classes", most=MANY), numbers(labels, "labels")
    if given.ndim != 1:
        raise ValueError(f"labels has shape {given.shape}; it takes one label an example, shape (m,).")
    with np.errstate(invalid="ignore"):  # nan and inf are no whole numbers either
        whole = given.real.astype(int)
    if given.dtype == bool or np.any(whole != given):
        raise ValueError(f"Labels are whole numbers, which say where the one stands; got {labels!r}.")
    outside = whole[(whole < 0) | (whole >= classes)]
    if outside.size:
        raise ValueError(f"With {classes} classes the labels go from 0 to {classes - 1}; one of them is {outside[0]}.")
    rows = np.zeros((len(whole), classes))
    rows[np.arange(len(whole)), whole] = 1
    return rows.T


def digits() -> Dataset:
    """1,797 handwritten digits of 8 x 8 pixels: X (64, m) from 0 to 1, Y (10, m) one-hot. In the package, no download.

    Of every seven in the order of the source, five are for training, one for validation, one for the test: 1,285, 256
    and 256. The same 13 people wrote in all three parts. Source and license: see NOTICE (UCI, Alpaydin & Kaynak 1998).
    """
    with files("course_lib").joinpath("data/digits.npz").open("rb") as file, np.load(file) as stored:
        images, labels = stored["images"], stored["labels"].astype(int)
    X, place = images.reshape(len(images), 64) / 16, np.arange(len(images)) % 7

    def part(chosen):
        return Examples(X[chosen].T, one_hot(labels[chosen]), labels[chosen])

    return Dataset(part(place < 5), part(place == 5), part(place == 6))


def moons(m: int = 200, noise: float = 0.1, seed: int = 0) -> Examples:
    """Two half circles, each reaching into the other: X (2, m), Y (1, m) of 0 and 1. No straight line divides them."""
    noise = _noise_of(m, noise)
    rng = generator(seed)
    labels = np.arange(m) % 2
    angle = np.pi * rng.uniform(size=m)
    x = np.where(labels == 0, np.cos(angle), 1 - np.cos(angle))
    y = np.where(labels == 0, np.sin(angle), 0.5 - np.sin(angle))
    return Examples(np.vstack([x, y]) + noise * rng.normal(size=(2, m)), labels[None].astype(float), labels)


def line(m: int = 50, slope: float = 2.0, intercept: float = -1.0, noise: float = 0.3, seed: int = 0) -> Examples:
    """Points near y = slope x + intercept: X (1, m) between -1 and 1, Y (1, m)."""
    noise = _noise_of(m, noise)
    slope, intercept = (
        real_number(value, name, low=float("-inf")) for value, name in ((slope, "slope"), (intercept, "intercept"))
    )
    rng = generator(seed)
    X = rng.uniform(-1, 1, (1, m))
    return Examples(X, slope * X + intercept + noise * rng.normal(size=(1, m)))


def _noise_of(m, noise):
    whole_number(m, "m, the number of examples,", most=MANY)
    return real_number(noise, "noise", with_low=True)


# LeCun, Cortes & Burges' files, as two large mirrors keep them: name, bytes, SHA-256.
MNIST_FILES = {
    "train-images-idx3-ubyte.gz": (9912422, "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609"),
    "train-labels-idx1-ubyte.gz": (28881, "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c"),
    "t10k-images-idx3-ubyte.gz": (1648877, "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6"),
    "t10k-labels-idx1-ubyte.gz": (4542, "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6"),
}
MNIST_SOURCES = (
    "https://ossci-datasets.s3.amazonaws.com/mnist/",
    "https://storage.googleapis.com/cvdf-datasets/mnist/",
)


def mnist(folder: str | Path | None = None, progress: bool = True) -> Dataset:
    """MNIST: 50,000 + 10,000 + 10,000 digits of 28 x 28 pixels, X (784, m) as float32 from 0 to 1, Y (10, m) one-hot.

    The first call downloads 11.6 MB into `folder` (default: ~/.cache/backprop-course/mnist) and checks what came by its
    SHA-256; later calls need no network. The last 10,000 of the training file are for validation.

    Raises:
        ConnectionError: with what can be done, when the files are neither in `folder` nor to be had.
        OSError: when `folder` cannot be read or written.
        TypeError: for a folder that is no path.
    """
    if folder is not None and not isinstance(folder, str | os.PathLike):
        raise TypeError(f"folder is the path of a folder, a text; got {folder!r:.60}.")
    folder = Path(folder or Path("~", ".cache", "backprop-course", "mnist")).expanduser()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        arrays = [_read_idx(_fetch(folder, name, progress)) for name in MNIST_FILES]
    except ConnectionError:
        raise
    except OSError as problem:  # not from a download: _fetch keeps those
        raise OSError(
            f"The files of MNIST cannot be kept in {folder} ({problem}). Name a folder you can write to: "
            "mnist(folder=...)."
        ) from problem
    images, labels, test_images, test_labels = arrays

    def part(images, labels):
        X = images.reshape(len(images), -1).T.astype(np.float32)
        return Examples(X / 255, one_hot(labels), labels.astype(int))

    end = len(images) - len(test_images)
    return Dataset(part(images[:end], labels[:end]), part(images[end:], labels[end:]), part(test_images, test_labels))


def _fetch(folder: Path, name: str, progress: bool) -> bytes:
    """The file's bytes, from the folder or else from the first source that has it."""
    path, (size, sha256), state = folder / name, MNIST_FILES[name], "is not there"
    if path.exists():
        content = path.read_bytes()
        if hashlib.sha256(content).hexdigest() == sha256:
            return content
        state = "is there, but its SHA-256 differs: it is damaged or another edition"
    problems = []
    for source in MNIST_SOURCES:
        try:
            content = _download(source + name, size, progress)
        except (OSError, HTTPException, ValueError) as problem:  # no network, a broken answer, a broken address
            problems.append(f"{source}: {problem}")
            continue
        if hashlib.sha256(content).hexdigest() == sha256:
            write_whole(path, content)
            return content
        problems.append(f"{source}: what came is not the file (its SHA-256 differs)")
    raise ConnectionError(
        f"MNIST is looked for in {folder}. {name} {state}. It could not be downloaded ({'; '.join(problems)}). "
        "Without a network, use digits(): 1,797 real digits are in the package. Or copy these files into that folder: "
        f"{', '.join(MNIST_FILES)}."
    )


def _download(url: str, size: int, progress: bool) -> bytes:
    content, name = bytearray(), url.rpartition("/")[2]
    with urllib.request.urlopen(url, timeout=20) as response:
        while block := response.read(1 << 18):
            content += block
            if len(content) > size:
                break  # not our file, however it goes on
            if progress:
                print(f"\r{name}: {len(content) / 1e6:.1f} of {size / 1e6:.1f} MB", end="", flush=True)
    if progress:
        print()
    return bytes(content)


def _read_idx(content: bytes) -> np.ndarray:
    """The array in a gzipped IDX file: two zeros, a type (8 is uint8), how many axes, their lengths, the numbers."""
    raw = gzip.decompress(content)
    if raw[:3] != b"\0\0\x08":
        raise ValueError("This is not an IDX file of bytes.")
    shape = np.frombuffer(raw, ">u4", count=raw[3], offset=4)
    return np.frombuffer(raw, np.uint8, offset=4 + 4 * raw[3]).reshape(shape)
