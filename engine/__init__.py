"""What is computed: no Qt anywhere below this folder."""
