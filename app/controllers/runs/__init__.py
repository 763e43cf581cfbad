"""The open project and what its last runs left."""
