"""Taking a model elsewhere: one ONNX file, a web page, OpenVINO, eight-bit weights."""
