"""Run by every kernel of `course lab` when it starts. It defines no name, for the student's names live here."""

__import__("course_lib.desk.lost", fromlist=["lost"]).help_the_lost()
