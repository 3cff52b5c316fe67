"""Which rows of damaged and masked dumps are linked to the right customers, and how many to wrong ones.

    python benchmarks/linkage_damage.py [--seeds N] [--customers N] [--json] [--vault V --dump D]

Invented worlds of six platforms. Each dump has rows of one platform, of a platform nobody registered, and of nobody;
every registered platform is asked about every row. Right is a link to the customer who is the row's person. Recall is
over all pairs of a row and a platform of which the row's person is a customer; precision over all links. Spellings in
pinyin come from pypinyin, which reads a name by its words, not from luobo's own readings. Writes
`benchmarks/results/linkage_damage.md` and `.json`.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from time import process_time

import numpy as np
import polars as pl
from numpy.typing import NDArray
from pypinyin import lazy_pinyin
from scipy.stats import beta

from tracer.demo import HEADERS, PERSON, LeakPlan, Style, World, WorldPlan, invent, leak
from tracer.demo.damage import damage, through_excel
from tracer.demo.styles import styled
from tracer.engines.here import Here
from tracer.identifiers import phone
from tracer.intake.material import material
from tracer.linkage import partial
from tracer.linkage.dump import prepare
from tracer.linkage.exact import Links, link_all
from tracer.registration import register
from tracer.settings import DEFAULT
from tracer.tokens import identifier_token, order
from tracer.vault.vault import Vault

DAY = date(2025, 10, 28)
RESULTS = Path(__file__).parent / "results"
PLAIN = Style()
Change = Callable[[pl.DataFrame, int], pl.DataFrame]
"""Damage to a leak in clear text."""


@dataclass(frozen=True)
class Regime:
    """One way a dump is written."""

    title: str
    columns: tuple[str, ...]
    style: Style = PLAIN
    change: Change = lambda rows, _: rows
    bar: float | None = None
    """Recall it must reach, at a precision of 0.999."""


def mistyped(rows: pl.DataFrame, seed: int) -> pl.DataFrame:
    """A quarter of the rows has one typing error in one identifier."""
    return damage(rows, 0.25, seed)


def all_phones_mistyped(rows: pl.DataFrame, seed: int) -> pl.DataFrame:
    """Every phone number has one typing error."""
    return rows.with_columns(damage(rows.select("phone"), 1.0, seed))


def all_ids_mistyped(rows: pl.DataFrame, seed: int) -> pl.DataFrame:
    """Every ID has one typing error."""
    return rows.with_columns(damage(rows.select("national_id"), 1.0, seed))


def spelt(rows: pl.DataFrame, seed: int) -> pl.DataFrame:
    """Names in pinyin: `Zhang San`, `zhangsan`, `ZHANG,SAN` or `San Zhang`."""
    which = np.random.default_rng(seed).integers(0, 4, rows.height)
    names = [_spelling(name, int(way)) for name, way in zip(rows["name"], which, strict=True)]
    return rows.with_columns(name=pl.Series(names))


def _spelling(name: str, way: int) -> str:
    size = 2 if len(name) == 4 else 1
    surname = "".join(lazy_pinyin(name[:size]))
    given = "".join(lazy_pinyin(name[size:]))
    return (
        f"{surname.title()} {given.title()}",
        surname + given,
        f"{surname},{given}".upper(),
        f"{given.title()} {surname.title()}",
    )[way]


def surnames(rows: pl.DataFrame, seed: int) -> pl.DataFrame:
    """Of names the surname: 张**."""
    del seed
    return rows.with_columns(pl.col("name").str.slice(0, 1) + "**")


def excel(rows: pl.DataFrame, seed: int) -> pl.DataFrame:
    """Numbers as a spreadsheet leaves them."""
    del seed
    return through_excel(rows)


def birth(rows: pl.DataFrame, seed: int) -> pl.DataFrame:
    """Instead of the ID its birth date and region."""
    del seed
    number = pl.col("national_id")
    born = pl.concat_str(number.str.slice(6, 4), number.str.slice(10, 2), number.str.slice(12, 2), separator="/")
    return rows.with_columns(birthday=born, region=number.str.slice(0, 6))


REGIMES = (
    Regime(
        "masked phone (five styles) + name",
        ("name", "phone", "product"),
        Style(mask_phone=True, mask="mixed"),
        bar=0.98,
    ),
    Regime("masked phone + name in pinyin", ("name", "phone", "product"), Style(mask_phone=True, mask="mixed"), spelt),
    Regime("masked ID + name", ("name", "national_id", "product"), Style(mask_id=True), bar=0.98),
    Regime("masked phone + surname", ("name", "phone", "product"), Style(mask_phone=True), surnames),
    Regime("last four of phone + name", ("name", "phone", "product"), Style(mask_phone=True, mask="tail")),
    Regime("25 % mistyped: name, phone, limit", ("name", "phone", "limit"), PLAIN, mistyped, bar=0.95),
    Regime("25 % mistyped: name, ID, limit", ("name", "national_id", "limit"), PLAIN, mistyped, bar=0.95),
    Regime(
        "25 % mistyped: name, phone, ID, limit", ("name", "phone", "national_id", "limit"), PLAIN, mistyped, bar=0.95
    ),
    Regime("25 % mistyped: ID without name", ("national_id", "limit"), PLAIN, mistyped),
    Regime("all phones mistyped + name", ("name", "phone", "limit"), PLAIN, all_phones_mistyped),
    Regime("all IDs mistyped + name", ("name", "national_id", "limit"), PLAIN, all_ids_mistyped),
    Regime("through Excel: name, phone, ID", ("name", "phone", "national_id", "product"), PLAIN, excel),
    Regime("birth date + region + name", ("name", "national_id", "product"), PLAIN, birth),
)


@dataclass(frozen=True)
class Outcome:
    """One regime, all seeds together."""

    title: str
    rows: int
    pairs: int
    """Rows and platforms of which the row's person is a customer."""
    found: int
    """Of these pairs, those that were linked."""
    links: int
    wrong: int
    """Links to somebody who is not the row's person."""
    strangers: int
    """Pairs of a row and a platform in dumps of strangers only."""
    strangers_linked: int
    left_out: tuple[str, ...]
    """Kinds that chance forbade, in any dump."""
    bar: float | None

    @property
    def recall(self) -> float:
        """Pairs found."""
        return self.found / self.pairs

    @property
    def precision(self) -> float:
        """Links that are right."""
        return 1 - self.wrong / self.links if self.links else 1.0


def worlds(seeds: int, customers: int) -> list[World]:
    """Invented worlds; a person is a customer of one platform in eight."""
    return [
        invent(
            WorldPlan(
                seed=700 + seed, people=customers * 8, platforms=6, customers=customers, hidden=1, snapshots=(DAY,)
            )
        )
        for seed in range(seeds)
    ]


def vault_of(world: World, folder: Path) -> Vault:
    """All registered platforms' tables in a vault."""
    vault = Vault.create(folder / "vault")
    for name in world.registered:
        world.table(name, DAY).write_csv(folder / "table.csv")
        vault, _ = register(vault, folder / "table.csv", name, DAY)
    return vault


def run(regime: Regime, world: World, vault: Vault, seed: int) -> Outcome:
    """One dump of a regime, and one of strangers written alike."""
    guilty = world.registered[seed % len(world.registered)]
    size = min(6_000, world.plan.sizes[0] // 2)
    plan = LeakPlan({guilty: size, world.hidden[0]: size // 4}, DAY, columns=regime.columns, junk=size // 4, seed=seed)
    null = LeakPlan({}, DAY, columns=regime.columns, junk=size, seed=seed)
    told, nobody = (_linked(regime, world, vault, one, seed) for one in (plan, null))
    return Outcome(
        regime.title, told[0], told[1], told[2], told[3], told[4], nobody[0] * 6, nobody[3], told[5], regime.bar
    )


def _linked(
    regime: Regime, world: World, vault: Vault, plan: LeakPlan, seed: int
) -> tuple[int, int, int, int, int, tuple[str, ...]]:
    """Rows, true pairs, pairs found, links, wrong links and kinds left out."""
    rows = leak(world, plan)
    changed = regime.change(rows, seed)
    table = styled(changed, regime.style)
    if "birthday" in changed.columns:
        table = pl.concat([table.drop("身份证"), changed.select("birthday", "region")], how="horizontal")
    dump = prepare(material(table, DEFAULT).reading.tables, vault.key)
    links, census = link_all(dump, vault, Here())
    person = rows[PERSON].to_numpy()
    pairs = found = made = wrong = 0
    for one in links:
        customers = _customers(world, one.platform.name, vault)
        right = customers[one.person] == person[one.row]
        pairs += int(np.isin(person, customers).sum())
        found += int(right.sum())
        made += right.size
        wrong += int((~right).sum())
    left_out = tuple(sorted({rate.kind for rate in census.rates if not rate.used}))
    return rows.height, pairs, found, made, wrong, left_out


def _customers(world: World, name: str, vault: Vault) -> NDArray[np.int64]:
    """(customers,) who each customer is that a vault knows by one number: they stand in the order of its tokens."""
    numbers = world.table(name, DAY).select(identifier_token(pl.col(HEADERS["phone"]), vault.key, "phone"))
    person = world.platform(name).person[world.present(name, DAY)]
    return np.asarray(person[order(numbers.to_series().to_numpy())])


def together(parts: list[Outcome]) -> Outcome:
    """Several seeds of one regime as one."""
    first = parts[0]
    sums = {
        name: sum(int(getattr(part, name)) for part in parts)
        for name in ("rows", "pairs", "found", "links", "wrong", "strangers", "strangers_linked")
    }
    left_out = tuple(sorted({kind for part in parts for kind in part.left_out}))
    return Outcome(title=first.title, **sums, left_out=left_out, bar=first.bar)


def markdown(found: list[Outcome], seeds: int, customers: int) -> str:
    """The table for people."""
    made = (
        f"{seeds} worlds of six platforms with {customers:,} customers each; two thirds of a dump's rows are one "
        "platform's, the others an unregistered platform's or nobody's."
    )
    lines = [
        "# Row linkage on damaged and masked dumps",
        "",
        made,
        "",
        "| dump | rows | recall | bar | precision | at least (95 %) | wrong links | strangers linked | left out |",
        "|---|---:|---:|---:|---:|---:|---:|---:|---|",
    ]
    for one in found:
        least = beta.ppf(0.05, one.links - one.wrong, one.wrong + 1) if one.links else 0.0
        bar = f"≥ {one.bar}" if one.bar else ""
        share = f"{one.strangers_linked} of {one.strangers:,}"
        lines.append(
            f"| {one.title} | {one.rows:,} | {one.recall:.4f} | {bar} | {one.precision:.5f} | {least:.5f} "
            f"| {one.wrong} | {share} | {', '.join(one.left_out)} |"
        )
    return "\n".join([*lines, ""])


def at_scale(vault: Vault, dump: Path) -> str:
    """A clean dump of `world_scale.py`, a quarter of its rows mistyped, beside itself: with samples and without.

    As the truth of a row and a platform counts the link of the clean row's phone number.
    """
    clear = pl.read_csv(dump, infer_schema=False).rename({"手机号码": "phone", "客户姓名": "name"})
    clear = clear.with_columns(phone.normalise(pl.col("phone")))
    truth, _ = _links(clear, vault)
    people = sum(one.people for one in vault.platforms)
    made_of = f"{clear.height:,} rows against {len(vault.platforms)} platforms with {people:,} customers"
    lines = [
        "## At scale",
        "",
        f"A dump of {made_of}; name and phone, 25 % mistyped.",
        "",
        "| | recall | precision | wrong links | seconds of processor time to link |",
        "|---|---:|---:|---:|---:|",
    ]
    mistyped_rows = damage(clear, 0.25, 4)
    for title, limit in (("samples tell what is worth reading", partial.TRY_ALL), ("everything is read", 10**9)):
        partial.TRY_ALL = limit
        found, seconds = _links(mistyped_rows, vault)
        pairs = right = made = 0
        for true, one in zip(truth, found, strict=True):
            person = np.full(clear.height, -1, np.int64)
            person[true.row] = true.person
            pairs, made = pairs + true.row.size, made + one.row.size
            right += int((person[one.row] == one.person).sum())
        figures = f"{right / pairs:.5f} | {right / made:.5f} | {made - right} of {made:,} | {seconds:.2f}"
        lines.append(f"| {title} | {figures} |")
    return "\n".join([*lines, ""])


def _links(rows: pl.DataFrame, vault: Vault) -> tuple[list[Links], float]:
    table = rows.rename({"phone": "手机号码", "name": "客户姓名"})
    dump = prepare(material(table, DEFAULT).reading.tables, vault.key)
    begun = process_time()
    return link_all(dump, vault, Here())[0], process_time() - begun


def main() -> None:
    """Run it."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--customers", type=int, default=20_000)
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    parser.add_argument("--vault", type=Path, help="with the platforms of world_scale.py: also measure at scale")
    parser.add_argument("--dump", type=Path, help="the dump of world_scale.py")
    parser.add_argument("--only", default="", help="regimes whose title contains this")
    options = parser.parse_args()
    regimes = [regime for regime in REGIMES if options.only in regime.title]
    parts: dict[str, list[Outcome]] = {regime.title: [] for regime in regimes}
    for seed, world in enumerate(worlds(options.seeds, options.customers)):
        with tempfile.TemporaryDirectory() as folder:
            vault = vault_of(world, Path(folder))
            for regime in regimes:
                parts[regime.title].append(run(regime, world, vault, seed))
    found = [together(some) for some in parts.values()]
    text = json.dumps([asdict(one) | {"recall": one.recall, "precision": one.precision} for one in found], indent=1)
    table = markdown(found, options.seeds, options.customers)
    if options.vault and options.dump:
        table += "\n" + at_scale(Vault.open(options.vault), options.dump)
    if not options.only:
        RESULTS.mkdir(exist_ok=True)
        (RESULTS / "linkage_damage.json").write_text(text + "\n", encoding="utf-8")
        (RESULTS / "linkage_damage.md").write_text(table, encoding="utf-8")
    print(text if options.json else table)
    for one in found:
        if one.bar:
            assert one.recall >= one.bar, one.title
            assert one.precision >= 0.999, one.title
        assert one.strangers_linked <= 0.001 * one.strangers, one.title


if __name__ == "__main__":
    main()
