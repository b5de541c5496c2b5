"""Near misses: the reference with one small change, made by rule, and a sentence for each kind of change.

kinds.py       every small change of a piece of code, and what it gives
"""
