"""State and decisions: the window, the document, the controllers, the worker and the verbs."""
