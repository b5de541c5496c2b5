"""What goes out: to students, and to the web. No answer goes with it.

bundle.py      one zip file with all that a student needs
student.md     its short read-me
site.py        the site, all of it
pages.py       its pages that are made from the notebooks
lite.py        JupyterLite: the notebooks in a browser with nothing installed
wheel.py       the wheel of course_lib
secrets.py     looks for answers in what goes out, and stops it
"""
