"""The programs that run inside a jail. They are shown in there, and import nothing of the grader.

door.py      runs first: waits to be let in, locks itself up, then becomes the program
warm.py      has everything imported, and forks a jail for each submission
kernel.py    a Jupyter kernel at the end of a socket to the grader
probe.py     tries each layer and says what holds
seen.py      says which of some paths can be seen
greedy.py    takes much memory
"""
