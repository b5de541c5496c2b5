"""Near misses: the reference with one small change, made by rule, and a sentence for each kind of change.

misses.py      the near misses of an exercise: of all changes those that lose something
sentences.py   what a student reads of each kind
changes.py     every small change of a piece of code, one at a time
kinds.py       the kinds of changes that one node of its syntax tree can have
inputs.py      what the reference gives for other inputs: a part of the examples, one input changed on the way
trying.py      a changed answer is asked, and stopped when it does not end

A wrong answer that is no known mistake often gives just what such a change would give. The sentence then names the kind
of slip and not its place, so it gives no answer away. Of each near miss only one number an aspect is kept.
"""
