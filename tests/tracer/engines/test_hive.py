"""A table of a real Hive catalogue, with its metastore, in a session of its own process."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.tracer.conftest import DAYS, Town
from tests.tracer.contents import contents, folder_of
from tracer.registration import register
from tracer.vault.vault import Vault

_PROGRAM = """
import json, sys
from datetime import date
from pathlib import Path
from pyspark.sql import SparkSession
from tracer.engines.spark import Spark
from tracer.registration import register_spark
from tracer.vault.vault import Vault

table, vault, home, day = sys.argv[1:]
session = (
    SparkSession.builder.master("local[2]").enableHiveSupport()
    .config("spark.sql.warehouse.dir", f"{home}/warehouse").config("spark.ui.enabled", "false")
    .config("spark.driver.extraJavaOptions", f"-Dderby.system.home={home}")
    .config("spark.hadoop.javax.jdo.option.ConnectionURL", f"jdbc:derby:{home}/metastore;create=true")
    .getOrCreate()
)
session.sql("CREATE DATABASE shop")
session.read.csv(table, header=True, inferSchema=True).createOrReplaceTempView("rows")
session.sql("CREATE TABLE shop.customers STORED AS PARQUET AS SELECT * FROM rows")
provider = session.sql("DESCRIBE FORMATTED shop.customers").filter("col_name = 'Provider'").first()[1]
with Spark(session, Path(home)) as spark:
    _, added = register_spark(Vault.open(vault), session.table("shop.customers"), spark, "one", date.fromisoformat(day))
print(json.dumps([provider, added.people, added.rows]))
session.stop()
"""


@pytest.mark.skipif(shutil.which("java") is None, reason="Java is not installed: apt install default-jre-headless")
def test_a_table_of_hive_is_registered_like_its_file(town: Town, tmp_path: Path) -> None:
    """A vault filled from a Hive table says what it says filled from the file the table was made of."""
    vault, table = Vault.create(tmp_path / "vault"), town.table(town.first, DAYS[0])
    line = [sys.executable, "-c", _PROGRAM, str(table), str(folder_of(vault)), str(tmp_path), str(DAYS[0])]
    told = os.environ | {"PYSPARK_PYTHON": sys.executable}
    done = subprocess.run(line, check=False, capture_output=True, text=True, cwd=tmp_path, env=told)
    assert done.returncode == 0, done.stderr[-2_000:]
    provider, people, rows = json.loads(done.stdout.splitlines()[-1])
    assert provider == "hive"
    again, added = register(Vault.open(folder_of(vault)), table, "two", DAYS[0])
    assert (added.people, added.rows) == (people, rows)
    one, two = (contents(again)[name] for name in ("one", "two"))
    kinds = again.platform("one").kinds
    assert kinds == again.platform("two").kinds
    assert all(one[kind] == two[kind] for kind in kinds)
    assert {kind: len(facts) for kind, facts in one.items()} == {kind: len(facts) for kind, facts in two.items()}
