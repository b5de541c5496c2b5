"""The one exception for what the person at the keyboard can put right."""


class CourseError(Exception):
    """Something that the user can put right: the message says what is wrong and what to do.

    The command line prints it as one line and exits with code 2, with no traceback.
    """
