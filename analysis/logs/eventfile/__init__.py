"""TensorBoard's event files: their bytes in, the scalars and settings that they hold out."""
