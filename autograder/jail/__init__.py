"""A jail for strangers' code: what runs in it sees only the course's environment and reaches nothing outside.

layers.py       what a jail is made of, by name
view.py         the files that are visible inside
bubblewrap.py   the command that makes the jail (Linux namespaces)
seccomp.py      the system calls that are allowed inside
memory.py       the memory of everything inside together
share.py        its share of the processor
process.py      one jailed program, from its start to the end of everything in it
keeper.py       ends what a grader leaves behind when it is killed
inside/         the programs that run inside; door.py comes first
kernel.py       a Jupyter kernel in a jail
warm.py         the same, forked from a warm process
spare.py        the same, made ahead while the submission before is judged
namespaces.py   whether this machine allows what a jail needs
choose.py       whether this machine can make a jail; it refuses rather than do without
doctor.py       tries each layer and says what holds

Nothing in here knows of notebooks, exercises or points.
"""
