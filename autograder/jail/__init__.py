"""A jail for strangers' code: what runs in it sees only the course's environment and reaches nothing outside.

layers.py       what a jail is made of, by name
view.py         the files that are visible inside
bubblewrap.py   the command that makes the jail (Linux namespaces)
seccomp.py      the system calls that are refused inside
inside.py       what runs first inside: limits and Landlock, then the program
memory.py       the memory of everything inside together
process.py      one jailed process, from its start to the end of everything in it
container.py    the same with Podman or Docker, where bubblewrap is missing
kernel.py       a Jupyter kernel in a jail
namespaces.py   whether this machine allows what a jail needs
choose.py       which of these a machine can do; it refuses rather than do without
greedy.py       what a test of the memory limit runs inside
probe.py        what the doctor runs inside to try a layer
doctor.py       tries each layer and says what holds

Nothing in here knows of notebooks, exercises or points.
"""
