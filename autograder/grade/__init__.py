"""From the files of a class to its grades.

One submission, in the order of its way:
collect.py         finds it in what was handed over
reading.py         reads it, within bounds
repair.py          puts the course's own cells back into it
session.py         runs its cells in a kernel, which is in a jail
wire.py            measures and checks each message of that kernel
outputs.py         makes a cell's outputs of them
interview.py       puts the cases of an exercise to its answers, within their time
run.py             goes from its first cell to its last, and calls these
verdicts.py        what the outcomes are worth
reasons.py         why an answer is not there
carried.py         what a mistake costs in the exercises after it
sanitize.py        makes what it printed safe to look at
apart.py           does all of this in a process of its own, within memory and time

The class:
classroom.py       all submissions on Dask, one writer
hands.py           Dask on this machine, with nothing that listens
gradebook.py       nbgrader's database
feedback.py        the page a student gets (templates/)
terminal.py        what the instructor sees
formgrader.py      nbgrader's own pages (jupyter/)
rehearse.py        before anything is graded: does the reference get full points here?
secret.py          the seed of the hidden cases
nbgrader_config.py and nbgrader_steps.py: the same for nbgrader's own `autograde`
"""
