"""Turn weights into ONNX graphs, without torch."""
