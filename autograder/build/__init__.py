"""From one text source to the notebooks that people get.

source.py         the text source of a notebook, with the metadata that nbgrader reads
layout.py         what every notebook has in the same form: head, boxes, end
minutes.py        how long its parts take, from a count
marks.py          the marks around the reference's answers
answer_key.py     the reference's and the known mistakes' outcomes: what answers are judged by
near/             small changes of the reference, by rule: what a slip of that kind gives
notebooks.py      the built files: executed solution, student release, data of the checks
pictures.py       the pictures of the site's own pages
stubs.py          the two steps of nbgrader's release that are ours
roundoff.py       whether two builds say the same, although processors round differently
submissions.py    submissions made from the reference and the zoo
sample_class.py   the class in examples/, made of such submissions

It knows nothing of grading: `course grade` calls it, never the other way round.
"""
