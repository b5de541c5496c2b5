"""Answers that can be compared with, but not read: the digest of a salted canonical text.

A question with a few choices can still be tried out by anyone who writes a loop over all of them. What this prevents is
that an answer stands in a file, to be read by accident or in passing.
"""

from __future__ import annotations

import hashlib
from typing import Any

from course_lib.plain import NotPlain, dumps


class Sealed:
    """Equal to one plain value, which it does not tell.

    salt: what question it answers, so that equal answers to different questions have different digests.
    """

    def __init__(self, salt: str, digest: str) -> None:
        self.salt, self.digest = salt, digest

    @classmethod
    def of(cls, salt: str, value: Any) -> Sealed:
        """Seal a plain value."""
        return cls(salt, _digest(salt, value))

    def __eq__(self, other: object) -> bool:
        try:
            return _digest(self.salt, other) == self.digest
        except NotPlain:
            return False

    def __hash__(self) -> int:
        return hash(self.digest)

    def __repr__(self) -> str:
        return "Sealed(…)"


def _digest(salt: str, value: Any) -> str:
    return hashlib.sha256(f"{salt}\0{dumps(value)}".encode()).hexdigest()
