"""The small library behind the course: the engine, the pictures and the checks that the notebooks import.

The engine, which is read aloud in class; it knows nothing of exercises:
autodiff.py     reverse-mode automatic differentiation on NumPy arrays
rules.py        the rules of its table that take more than a line
refusals.py     what NumPy refuses inside an op, in a sentence
copies.py       copies of Tensors and of graphs
replay.py       a step recorded once and run again
network.py      a fully connected network and the four equations
gradcheck.py    gradients measured instead of derived
sgd.py          mini-batches, steps, the loop around them
symbolic.py     the same graph as a formula
counting.py     what it costs, counted
datasets.py     digits (data/) and toy problems
graphs.py       small graphs of single operations, for notebook 2
patients.py     sick networks, for notebook 9
drawing/        pictures

From the answer to the sentence, the same at the desk and when grading:
exercises/      what is asked, and on which cases. No answer
asking.py       puts the cases to an answer and brings back plain data
closed.py       closes what an exercise asks to be written
promises.py     asked of every answer: it leaves its inputs as they were, …
plain.py        the only form of data that passes to the judge
comparing.py    shape before values
asked.py        one aspect with all its cases, and what is wrong with each
known.py        known mistakes and near misses, and which of them an answer makes
judging.py      what an answer is worth, and why
diagnosis/      what is wrong with an answer that is no known mistake
prints.py       one number for all that an answer gave
sealed.py       answers that can be compared with, but not read
stopped.py      a hint when code stops with an exception

The student's side:
check.py        what a check cell calls
desk/           what a student runs beside the notebooks

Small and shared:
arguments.py    looks at what comes from outside
errors.py       the exception for what the person at the keyboard can put right
files.py        writes a file whole or not at all

Arrows run one way: desk, check -> judging -> asking -> exercises -> the engine -> NumPy; drawing -> the engine.
"""
