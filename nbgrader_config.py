load_subconfig("autograder/grade/nbgrader_config.py")  # noqa: F821  (nbgrader gives this name to the file)
