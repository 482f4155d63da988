"""Makes `spark` a value in a Scala kernel: `scala_startup.py CONNECTION_FILE`.

Toree makes it a method, from which Scala cannot import: `import spark.implicits._`. A request that
is sent while the kernel starts runs before all later requests.
"""

import sys

from jupyter_client import BlockingKernelClient

client = BlockingKernelClient(connection_file=sys.argv[1])
client.load_connection_file()
client.start_channels(iopub=False, stdin=False, hb=False, control=False)
client.execute("lazy val spark = kernel.sparkSession", silent=True, store_history=False)
client.get_shell_msg(timeout=180)
client.stop_channels()
