"""Whether this machine lets anybody make user namespaces, which a jail needs, and what to do where it does not."""

from __future__ import annotations

from pathlib import Path

SETTINGS = Path("/proc/sys")
ADVICE = (
    "The system must allow user namespaces to everybody. A container forbids them, unless it was started so that it "
    "does not: grade outside of it."
)
# Ubuntu 23.10 and later: https://ubuntu.com/blog/ubuntu-23-10-restricted-unprivileged-user-namespaces
PROFILE = """\
abi <abi/4.0>,
include <tunables/global>
profile course-bwrap "{program}" flags=(unconfined) {{
  userns,
}}"""
APPARMOR = (
    "AppArmor gives user namespaces only to programs that have a profile, as Ubuntu does since 23.10. Make one, as "
    "root: write these lines to /etc/apparmor.d/course-bwrap and run `apparmor_parser -r /etc/apparmor.d/course-bwrap`:"
    "\n" + PROFILE
)


def forbidden(program: str | None) -> str:
    """What forbids user namespaces to those who are not root, and what to do; "" when nothing is known to.

    program: the bubblewrap program, which the advice names.
    """
    if _setting("user/max_user_namespaces") == 0:
        return "User namespaces are switched off. Switch them on, as root: sysctl -w user.max_user_namespaces=15000"
    if _setting("kernel/unprivileged_userns_clone") == 0:
        return "User namespaces are for root only. Allow them, as root: sysctl -w kernel.unprivileged_userns_clone=1"
    if _setting("kernel/apparmor_restrict_unprivileged_userns") == 1:
        return APPARMOR.format(program=program)
    return ""


def _setting(name: str) -> int | None:
    """A setting of the kernel; None where it does not have that one."""
    try:
        return int((SETTINGS / name).read_text())
    except (OSError, ValueError):
        return None
