from __future__ import annotations

import secrets

import polars as pl
import pytest

from tests.tracer.comparison.populations import people
from tracer import similar
from tracer.errors import TracerError
from tracer.intake.material import material
from tracer.settings import DEFAULT
from tracer.similarity.persons import persons
from tracer.tokens import TokenKey

DRAWN = people(1, 3_000)


def test_jaccard_and_containment() -> None:
    """500 and 300 people of whom 100 are the same: Jaccard 1/7, containment 1/5 and 1/3, exactly."""
    one, other = DRAWN[:500].select("姓名", "手机号"), DRAWN[400:700].select("手机号", "产品")
    (pair,) = similar([one, other]).to_dict()["pairs"]
    assert (pair["by"], pair["shared"], pair["exact"]) == ("phone", 100, True)
    assert pair["jaccard"] == pair["jaccard_low"] == pair["jaccard_high"] == pytest.approx(1 / 7, abs=1e-6)
    assert pair["containment_a_in_b"] == pytest.approx(1 / 5)
    assert pair["containment_b_in_a"] == pytest.approx(1 / 3, abs=1e-6)


def test_writings_do_not_matter() -> None:
    """Numbers with signs, spaces and full-width digits are the same people."""
    wide = {str(digit): "０１２３４５６７８９"[digit] for digit in range(10)}
    one = DRAWN[:200].select(手机号=pl.col("手机号").str.replace_many(wide))
    other = DRAWN[:200].select(电话="+86 " + pl.col("手机号").str.head(3) + "-" + pl.col("手机号").str.slice(3))
    (pair,) = similar([one, other]).to_dict()["pairs"]
    assert pair["jaccard"] == 1


def test_masked_beside_whole() -> None:
    """A dump with masked numbers is compared with one that has them whole by name and visible digits."""
    masked = DRAWN[:300].select("姓名", 手机号=pl.col("手机号").str.head(3) + "****" + pl.col("手机号").str.tail(4))
    (pair,) = similar([masked, DRAWN[200:600].select("姓名", "手机号")]).to_dict()["pairs"]
    assert pair["by"] == "name_phone"
    assert pair["shared"] == 100


def test_without_identifiers_records_are_compared() -> None:
    """Dumps that name nobody are compared by whole records, with a warning."""
    table = DRAWN.select("产品", "额度").unique(maintain_order=True)
    found = similar([table[:60], table[40:100]])
    assert found.pairs[0].by == "record"
    assert found.to_dict()["pairs"][0]["shared"] == 20
    assert "no kind of identifier in common" in found.warnings[0]


def test_every_pair_once() -> None:
    """Four dumps have six pairs, in the order in which they were given."""
    told = similar([DRAWN[start : start + 100].select("手机号") for start in (0, 50, 100, 2_000)]).to_dict()
    assert [pair["shared"] for pair in told["pairs"]] == [50, 0, 0, 50, 0, 0]
    assert [one["people"] for one in told["dumps"]] == [100] * 4


def test_many_large_dumps_are_shortlisted(monkeypatch: pytest.MonkeyPatch) -> None:
    """Beyond so many pairs, those that share little are estimated and hold the truth; all others stay exact."""
    monkeypatch.setattr("tracer.resemblance.SMALL", 100)
    monkeypatch.setattr("tracer.resemblance._SAMPLE", 400)
    dumps = [DRAWN[start:end].select("手机号") for start, end in ((0, 1_000), (500, 1_500), (1_500, 3_000), (0, 80))]
    exact = similar(dumps).to_dict()["pairs"]
    few = similar(dumps, joined_pairs=1).to_dict()["pairs"]
    assert [one["exact"] for one in exact] == [True] * 6
    assert [one["exact"] for one in few] == [True, False, True, False, True, True]
    for one, other in zip(exact, few, strict=True):
        assert other["shared_low"] <= one["shared"] <= other["shared_high"]
        assert other["jaccard_low"] <= one["jaccard"] <= other["jaccard_high"]


def test_the_same_people_counted_once() -> None:
    """A person with three records is one person, and records without an identifier count one each."""
    frame = pl.DataFrame({"手机号": ["13812345678"] * 3 + [None, None], "姓名": ["张伟"] * 5})
    found = persons(material(frame, DEFAULT), TokenKey(secrets.token_bytes(32)))
    assert found.sets["phone"].size == 1
    assert found.carried["phone"] == pytest.approx(0.6)


def test_one_dump_is_too_few() -> None:
    """One dump has nothing to be compared with."""
    with pytest.raises(TracerError, match="nothing to be compared"):
        similar([DRAWN])
