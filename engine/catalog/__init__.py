"""Every layer, activation, loss, optimizer, metric, initializer, regularizer and constraint of Keras."""
