"""The HTTP server for saved models; needs a model and its bundle, nothing of training.

A request's way: ``api`` reads it into inputs (``inputs``), the queue of its model admits them (``batcher``),
photos and sounds are decoded by processes that may die (`headstart.web.sandbox`), and the batcher runs what
came from several requests together through the model, one batch after the other.
"""
