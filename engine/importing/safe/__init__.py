"""Safe reading of untrusted files: archives, strict JSON, and a helper process under limits."""
