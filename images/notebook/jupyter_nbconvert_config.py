"""Settings of `jupyter nbconvert --execute` in a terminal (nbclient.readthedocs.io)."""

c = get_config()  # noqa: F821

# A kernel answers only when its Spark has started.
c.ExecutePreprocessor.startup_timeout = 180
