class Refused(Exception):
    """A verb says no. The message is for the person who asked, already translated."""
