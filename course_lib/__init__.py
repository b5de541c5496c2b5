"""The small library behind the course: the engine, the pictures and the checks that the notebooks import."""
