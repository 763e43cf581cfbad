"""ONNX files, translated into a `NetworkSpec`."""
