"""From the files of a class to its grades.

One submission, in the order of its way:
collecting/        finds it in what was handed over
reading.py         reads it, within bounds
repair.py          puts the course's own cells back into it
session.py         runs its cells in a kernel, which is in a jail
wire.py            measures and checks each message of that kernel
outputs.py         makes a cell's outputs of them
nodes.py           cells and outputs that the grader makes itself
interview.py       puts the cases of an exercise to its answers, within their time
run.py             goes from its first cell to its last, and calls these
verdicts.py        what the outcomes are worth
reasons.py         why an answer is not there
carried.py         what a mistake costs in the exercises after it
pages.py           makes harmless HTML of Markdown and HTML
sanitize.py        makes what it printed safe to look at
submission.py      does all of this, from the bytes to the verdicts
apart.py           in a process of its own, within memory and time

The class:
cli.py             the commands for it
folder.py          the folder of one class, which knows whose it is
desk.py            what was handed in, as the folder keeps it
fingerprint.py     what decides a grade
classroom.py       all submissions on Dask, one writer
hands.py           Dask on this machine, with nothing that listens
gradebook.py       nbgrader's database
recorder.py        writes the scores of many notebooks into it at once
midterm.py         exercises that come, go or move while a class is graded
lateness.py        due dates and late penalties
roster.py          who is in the class
renaming.py        a roster that comes later gives students their ids
rehearse.py        before anything is graded: does the reference get full points here?
secret.py          the seed of the hidden cases
nbgrader_config.py and nbgrader_steps.py: the same for nbgrader's own `autograde`

What is shown of it, always of the whole class:
standing.py        where everybody stands, read from the gradebook: everything below is made from this
views.py           the files in its folder
terminal.py        what the instructor sees
own_pages.py       the one way in which the course makes its own pages (templates/)
feedback.py        the page a student gets
hand_back.py       all pages, packed for the system that they go back to
export.py          grades for the office
report.py          one page about the class
groups.py          wrong answers that no known mistake explains, and answers that are alike
trap_draft.py      such a group as a draft for the zoo
words.py           the answers in words, to read and score in one go
formgrader.py      nbgrader's own pages (jupyter/)
guarded.py         the guards of these pages
"""
