"""The marks that stand around the reference's answers in the text sources, as nbgrader reads them."""

BEGIN, END = "### BEGIN SOLUTION", "### END SOLUTION"
