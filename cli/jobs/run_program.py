"""Runs a Python program with the names of the PySpark shell: `run_program.py FILE`.

As in the shell, the values of expressions are printed. As in a script, the first error ends it.
"""

import ast
import codeop
import contextlib
import io
import sys
import traceback
import types
from pathlib import Path

# It prints a welcome.
with contextlib.redirect_stdout(io.StringIO()):
    from pyspark.shell import sc, spark, sql, sqlContext, sqlCtx


def run(file: str) -> None:
    # Where the program's own names are, which are pickled by value for executors.
    main = sys.modules["__main__"] = types.ModuleType("__main__")
    vars(main).update(spark=spark, sc=sc, sql=sql, sqlContext=sqlContext, sqlCtx=sqlCtx)
    # Remembers what the program imports from __future__.
    compiler = codeop.Compile()
    for statement in ast.parse(Path(file).read_bytes(), "<stdin>").body:
        if isinstance(statement, ast.Expr):
            code = compiler(ast.Interactive([statement]), "<stdin>", "single")
        else:
            code = compiler(ast.Module([statement], []), "<stdin>", "exec")
        exec(code, vars(main))


def without_ours(trace: types.TracebackType | None) -> types.TracebackType | None:
    while trace and trace.tb_frame.f_code.co_filename == __file__:
        trace = trace.tb_next
    return trace


def main() -> None:
    file = sys.argv[1]
    sys.argv[:] = ["-", *sys.argv[2:]]
    sys.path[0] = ""
    try:
        run(file)
    except Exception as error:
        traceback.print_exception(error.with_traceback(without_ours(error.__traceback__)))
        sys.exit(1)


main()
