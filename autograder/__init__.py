"""What an instructor and a maintainer run: building the notebooks and grading them."""
