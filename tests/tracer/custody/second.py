"""Runs the second verifier, the page's own script, in Node: the one that Playwright brings, or the machine's."""

from __future__ import annotations

import json
import re
import shutil
import struct
import subprocess
from collections.abc import Sequence
from pathlib import Path

import playwright

from tests.tracer.custody.attacks import Attack

PAGE = Path(__file__).resolve().parents[3] / "tracer" / "custody" / "verify.html"
HARNESS = """
const held = require("fs").readFileSync(0);
let at = 0;
const part = () => {
  const from = at + 4;
  at = from + held.readUInt32LE(at);
  return new Uint8Array(held.subarray(from, at));
};
(async () => {
  const told = [];
  while (at < held.length) {
    const data = part(), outside = part();
    told.push(await verifyBundle(data, outside.length ? outside : null));
  }
  console.log(JSON.stringify(told));
})();
"""


def node() -> str | None:
    """Where Node is."""
    bundled = Path(playwright.__file__).parent / "driver" / "node"
    return str(bundled) if bundled.exists() else shutil.which("node")


def verdicts(attempts: Sequence[Attack]) -> list[set[int]]:
    """The numbers of the checks that fail, for every bundle."""
    script = re.findall(r"<script>\n(.*?)</script>", PAGE.read_text("utf-8"), re.DOTALL)[0]
    sent = b"".join(
        struct.pack("<I", len(one)) + one for attack in attempts for one in (attack.data, attack.outside or b"")
    )
    command = [node() or "node", "-e", script + HARNESS]
    run = subprocess.run(command, input=sent, capture_output=True, check=True)
    return [{fault["check"] for fault in one["faults"]} for one in json.loads(run.stdout)]
