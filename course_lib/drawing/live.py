"""A picture that is drawn anew in its place, such as the cost of a network while it learns."""

from course_lib.drawing.picture import Picture


class LivePicture:
    """Show a picture below the cell now, and replace it with `show` as often as there is something new.

    Outside of a notebook there is nowhere to show it; then nothing happens.
    """

    def __init__(self, picture: Picture, name: str = "live picture") -> None:
        self.name = name
        self._display(picture, update=False)

    def show(self, picture: Picture) -> None:
        """Put `picture` in the place of the one that is shown."""
        self._display(picture, update=True)

    def _display(self, picture: Picture, update: bool) -> None:
        try:
            from IPython import get_ipython  # part of every notebook's kernel, but no part of this package
            from IPython.display import display
        except ImportError:
            return
        if get_ipython():
            display(picture, display_id=self.name, update=update)
