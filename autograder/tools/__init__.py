"""What a maintainer runs beside building and grading.

testing.py   the whole test suite, the same way on every machine
mutants/     small changes of right answers, and which of them no case catches
scaffold.py  a new exercise or notebook, in every place that it needs
lock.py      requirements.lock, made anew from pyproject.toml
"""
