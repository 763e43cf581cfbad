"""From a description to a Keras model. Heavy: loads TensorFlow."""
