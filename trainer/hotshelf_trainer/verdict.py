"""What a gate decides, and why."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Check:
    """One question, its answer, and the figures behind it."""

    name: str
    passed: bool
    reason: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether the version may become champion in place of ``champion_version``."""

    champion_version: int
    checks: tuple[Check, ...]

    @property
    def passed(self) -> bool:
        """Whether every check passed."""
        return all(check.passed for check in self.checks)

    def also(self, *checks: Check) -> "Verdict":
        """The verdict with further checks."""
        return Verdict(self.champion_version, self.checks + checks)
