from __future__ import annotations

import io

from tests.tracer.custody.attacks import Attack
from tests.tracer.custody.mutants import Mutant, mutants


class Short(io.BytesIO):
    """A bundle in memory that nobody reads for ever: a mutant may never come to its end."""

    left = 5_000

    def read(self, size: int | None = -1) -> bytes:
        """As any stream, a few thousand times."""
        self.left -= 1
        if self.left < 0:
            raise RecursionError
        return super().read(size)


def killed(mutant: Mutant, attempts: list[Attack]) -> bool:
    """Whether some attack is judged otherwise than it must be."""
    for attack in attempts:
        try:
            found = mutant.module.verify(Short(attack.data), attack.outside)
        except Exception:  # noqa: BLE001 - whatever it stumbles over
            return True
        checks = {fault.check for fault in found.faults}
        if checks if attack.check == 0 else attack.check not in checks:
            return True
        if attack.notices is not None and attack.notices != len(found.notices):
            return True
    return False


def test_no_check_can_be_removed(attempts: list[Attack]) -> None:
    """Without any single check of the verifier some attack gets through, or an honest bundle fails."""
    made = list(mutants())
    alive = [mutant.name for mutant in made if not killed(mutant, attempts)]
    assert len(made) > 100
    assert not alive
