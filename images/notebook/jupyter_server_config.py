"""Settings of JupyterLab (jupyter-server.readthedocs.io: Config file and command line options)."""

c = get_config()  # noqa: F821

c.ServerApp.ip = "0.0.0.0"
c.ServerApp.port = 8888
c.ServerApp.open_browser = False
c.ServerApp.allow_root = True
# Requests through the tunnel have the host name "notebook".
c.ServerApp.allow_remote_access = True
c.ServerApp.root_dir = "/home/spark/notebooks"
# For large plots: the default stops output of more than 1 MB a second.
c.ServerApp.iopub_data_rate_limit = 1e9
c.KernelSpecManager.ensure_native_kernel = False
# The kernels' other names work for notebooks that ask for them, but are not shown.
c.KernelSpecManager.allowed_kernelspecs = {"pyspark", "scala", "sql"}
# An abandoned notebook must not hold a driver for ever.
c.MappingKernelManager.cull_idle_timeout = 12 * 3600
# A kernel answers only when its Spark has started.
c.MappingKernelManager.kernel_info_timeout = 180
