class NotSmartError(Exception):
    """This clip cannot be copied; the text is a clause that says why. Never leaves the room."""
