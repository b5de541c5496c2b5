"""What a maintainer runs beside building and grading.

testing.py   the whole test suite, the same way on every machine
mutants/     small changes of right answers, and which of them no case catches
lock.py      requirements.lock, made anew from pyproject.toml
"""
