"""Mutants: small changes by rule of right answers. One that no case catches is a hole in the cases, or no mistake.

Clegg, McMinn and Fraser (SIGCSE 2021) found that mutants of a model solution show the holes of a grading suite better
than coverage does. Every exercise's reference and every alternative of the zoo is changed here in three ways:

changes.py     the general operators of cosmic-ray, and those of this field: another axis, a lost transpose, …
habits.py      an answer that is right, in the hands of one who rounds what comes in, or drops the last item, …
run.py         each mutant is asked in a forked process, with a deadline, with the cases of two seeds
survivors.py   the ones that live, with the reason why they are right; read from survivors.toml
report.py      what `course mutants` prints
"""
