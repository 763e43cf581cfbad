"""Reading files from strangers: archives, strict JSON, and a helper process under limits."""
