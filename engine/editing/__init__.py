"""Edits of a project as pure functions: layout, groups, fragments and the user's blocks. Loads without TensorFlow."""
