"""What every surface on HTTP shares: limits, tokens, Host and Origin checks, safe decoding.

Nothing is imported here; take each name from its module. Everything that wraps an application is plain ASGI.

===================  =============================================================================
``limits``           `Limits`: how much is taken from a stranger, and how long it may take
``answers``          ``answer(error)``: any `HeadstartError` as ``{code, message, hint}`` with its
                     status; ``install(app)``: the same for every error of a FastAPI application
``guard``            `Guard`: Host, Origin and Sec-Fetch-Site checks, the token, CORS for those allowed
``body``             `BodyLimit`: 413 past the size, 408 past the time, 503 past the memory of all bodies
``parts``            `read_parts`: a multipart body, part by part, into memory or wherever a sink leads
``journal``          `Journal`: request ids, one JSON line a request, 500 without details;
                     ``write_json_lines()``: the log handler
``sandbox``          `Sandbox`: decode photos and sounds in processes with limits, which may die
``serving``          ``bind(host, port)`` and ``serve(app, sockets, ...)``: uvicorn with deadlines for slow
                     senders, a cap on connections, and a drain on SIGTERM that loses no request
===================  =============================================================================

The usual order, outermost first::

    app = FastAPI(...); install(app)
    served = Journal(Guard(BodyLimit(app, limits), hosts=..., token=...), draining=drain)
    serve(served, bind("127.0.0.1", 8000), limits=limits, drain=drain)

Decoding::

    with Sandbox(limits) as sandbox:
        future = sandbox.submit(content_or_path, [("image", 300)])   # keys: see Encoder.decode_key
        picture = future.result()[("image", 300)].value.image        # a Pillow image, RGB

`Sandbox.submit` is safe from any thread; in a coroutine use ``await asyncio.wrap_future(future)``. A file
that cannot be read, kills its process or takes too long raises `SourceError` with the reason.
"""
