"""From what a class handed over to who handed in what. Every file is accounted for.

unpack.py      every file in a folder, a zip file, a zip file in one of these
layouts.py     whose a file is, as each learning-management system says it
recognize.py   which notebook is in a file, whatever its name
people.py      one person is one student: roster, names, ids
collect.py     all of it together: of several attempts the one that counts, and an account of every file
"""
