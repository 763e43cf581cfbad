"""The description of a project: frozen values that load without TensorFlow and without Qt."""
