"""What a maintainer runs beside building and grading.

testing.py   the whole test suite, the same way on every machine
lock.py      requirements.lock, made anew from pyproject.toml
"""
