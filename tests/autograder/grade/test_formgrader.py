"""The formgrader of a class: where there is none, and who gets in where there is one."""

import re
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import psutil
import pytest

from autograder.files import ROOT
from autograder.grade.folder import ClassFolder, Facts
from autograder.grade.formgrader import open_formgrader
from course_lib.errors import CourseError


def test_a_folder_that_was_not_graded_has_no_formgrader(tmp_path):
    with pytest.raises(CourseError, match="course grade"):
        open_formgrader(str(tmp_path))


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="which ports are open is asked of Linux")
def test_nobody_without_the_token_gets_in(tmp_path: Path) -> None:
    """The same server opens JupyterLab: it listens to this machine alone, and to those who know its token."""
    ClassFolder(tmp_path, Facts("a class")).save()
    (tmp_path / "autograded").mkdir()
    command = [sys.executable, "-m", "autograder.cli", "formgrader", str(tmp_path), "--no-browser"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as server:
        try:
            line = server.stdout.readline()
            address = re.search(r"(http://localhost:(\d+)\S*)/formgrader\?token=(\w{32,})", line)
            assert address, line
            everyone = doors(psutil.Process(server.pid))
            assert {place.ip for place in everyone} <= {"127.0.0.1", "::1"}
            assert {place.port for place in everyone} == {int(address[2])}
            assert status(f"{address[1]}/api/contents?token={address[3]}") == 200
            for path in ("api/contents", "api/kernels", "api/sessions", "api/terminals"):
                assert status(f"{address[1]}/{path}") == 403, path
                assert status(f"{address[1]}/{path}?token=wrong") == 403, path
            assert status(f"{address[1]}/api/kernels", data=b"{}") == 403
            for path in ("formgrader", "files/README.md", "lab"):
                assert "/login" in end_of_redirects(f"{address[1]}/{path}"), path
            assert allowed_origin(f"{address[1]}/api/contents") is None  # no page from elsewhere may read here
        finally:
            server.kill()


def doors(server: psutil.Process) -> list:
    """The addresses that a server listens at, once there is one."""
    for _ in range(400):
        if found := [each.laddr for each in server.net_connections("inet") if each.status == psutil.CONN_LISTEN]:
            return found
        time.sleep(0.05)
    return []


def status(url: str, data: bytes | None = None) -> int:
    try:
        with urllib.request.urlopen(urllib.request.Request(url, data), timeout=20) as reply:
            return reply.status
    except urllib.error.HTTPError as error:
        return error.code


def end_of_redirects(url: str) -> str:
    with urllib.request.urlopen(url, timeout=20) as reply:
        return reply.url


def allowed_origin(url: str) -> str | None:
    request = urllib.request.Request(url, headers={"Origin": "http://elsewhere.example"})
    try:
        with urllib.request.urlopen(request, timeout=20) as reply:
            return reply.headers.get("Access-Control-Allow-Origin")
    except urllib.error.HTTPError as error:
        return error.headers.get("Access-Control-Allow-Origin")
