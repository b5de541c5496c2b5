"""Name what is wrong with an answer that is no known mistake, from the numbers of all its cases together.

diagnose.py     all looks in their order, and what they are asked
seen.py         what was given beside what is right; whether a guess fits every number
texts.py        lists of names, True and False, one named result for another
shapes.py       not the shape that is asked for
rough.py        no numbers at all, or right to some digits only
factors.py      one number everywhere, one factor, one summand
inputs.py       an input missing or too many, a function of it, another summary of it
replaced.py     another function of an input than the right one, a step of another length
sums.py         a sum of inputs in which one has a wrong factor
transforms.py   the right numbers, but turned, sorted, squared, rounded, exchanged
places.py       wrong in one kind of place, or for one kind of input
factored.py     a known mistake, and a wrong factor besides
cases.py        only some cases are wrong, and what these have in common

Each *look* tries one kind of mistake: a factor, a sign, an axis, a swapped pair, one entry, one kind of input. It gives
a sentence only when it explains everything that is wrong, to the last number. No sentence holds an expected value.
"""
