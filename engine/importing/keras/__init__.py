"""Files of Keras 1 to 3, translated into a `NetworkSpec`."""
