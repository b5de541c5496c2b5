"""What a student runs beside the notebooks. It works where autograder/ and solutions/ are not.

cli.py         the commands of a student
lab.py         JupyterLab on the student's own copy of the notebooks
server.py      JupyterLab on a folder, with the course's settings (jupyter/)
lost.py        what to run when a name is missing
hand_out.py    brings releases of the notebooks to the student's copy, and loses no work
carry.py       carries answers into a new release, cell by cell
answers.py     which cells of a notebook are the student's, and what is unanswered
progress.py    where one stands: kept by every check, shown by progress()
start.py       the page that JupyterLab opens first
pack.py        the one file to hand in
within.py      stops code that runs too long
unrun.py       notices a cell that was edited and did not run
"""
