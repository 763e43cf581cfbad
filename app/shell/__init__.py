"""The window around the pages, and the dialogs it asks with."""
