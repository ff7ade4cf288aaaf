"""Neural networks: model files, conversion to ONNX, inference, and decoding of outputs."""
