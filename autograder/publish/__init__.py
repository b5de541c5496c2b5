"""What goes out: to students, and to the web. No answer goes with it.

bundle.py      one zip file with all that a student needs
student.md     its short read-me
secrets.py     looks for answers in what goes out, and stops it
"""
