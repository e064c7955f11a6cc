"""How jupyter-nbconvert executes these notebooks: jupyter-nbconvert --config, with this file"""

import os
from pathlib import Path
from queue import Empty

from nbconvert.preprocessors import ExecutePreprocessor

here = Path(__file__).resolve().parent
os.environ["JUPYTER_PATH"] = str(here)
os.environ["PATH"] = os.pathsep.join([str(here.parent / "node_modules" / ".bin"), os.environ["PATH"]])


class PatientExecution(ExecutePreprocessor):
    """
    Deno's kernel may send a cell's result just after it has said that it is idle, which to nbconvert is the end of the cell's
    output: late results would be lost. Here each cell is waited for a little longer.
    """

    seconds = 0.25

    def __init__(self, **options):
        super().__init__(**options)
        self.on_cell_executed = self.late_messages

    async def late_messages(self, cell, cell_index, execute_reply):
        request = execute_reply["parent_header"]["msg_id"]
        while True:
            try:
                message = await self.kc.iopub_channel.get_msg(timeout=self.seconds)
            except Empty:
                return
            if message["parent_header"].get("msg_id") == request:
                self.process_message(message, cell, cell_index)


c = get_config()  # noqa: F821, nbconvert's own
c.NotebookExporter.preprocessors = [PatientExecution]
# Times of execution would make every run another file.
c.ExecutePreprocessor.record_timing = False
