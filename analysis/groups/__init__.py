"""Which runs are replicates, which configurations are compared, what each level did."""
