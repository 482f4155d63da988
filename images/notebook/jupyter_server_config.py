"""Settings of JupyterLab (jupyter-server.readthedocs.io: Config file and command line options)."""

c = get_config()  # noqa: F821

c.ServerApp.ip = "0.0.0.0"
c.ServerApp.port = 8888
c.ServerApp.open_browser = False
c.ServerApp.allow_root = True
# Through the tunnel its name is "notebook".
c.ServerApp.allow_remote_access = True
c.ServerApp.root_dir = "/home/spark/notebooks"
# Large plots: the default stops what sends more than 1 MB a second.
c.ServerApp.iopub_data_rate_limit = 1e9
c.KernelSpecManager.ensure_native_kernel = False
# The other names of the same kernels serve notebooks that ask for them, and are not shown.
c.KernelSpecManager.allowed_kernelspecs = {"pyspark", "scala", "sql"}
# Who has gone home is not to hold a driver for ever.
c.MappingKernelManager.cull_idle_timeout = 12 * 3600
# A kernel answers only when its Spark has started.
c.MappingKernelManager.kernel_info_timeout = 180
