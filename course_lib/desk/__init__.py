"""What a student runs beside the notebooks. It works where autograder/ and solutions/ are not.

cli.py       the commands of a student
lab.py       the student's own copy of the notebooks, and JupyterLab on it
server.py    JupyterLab on a folder, with the course's settings (jupyter/)
"""
