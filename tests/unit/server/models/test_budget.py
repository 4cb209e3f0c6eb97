"""Which versions stay in memory when not all of them may."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotshelf_server.core.types import VersionId
from hotshelf_server.models.budget import Budget, Tenant, residents

A, B, C = (VersionId(model, 1) for model in "abc")
NEVER = float("-inf")


def tenant(
    version: VersionId, called_at: float = NEVER, memory_bytes: int = 0, *, loaded: bool = False, held: bool = False
) -> Tenant:
    return Tenant(version, memory_bytes, loaded, held, None, called_at)


@pytest.mark.parametrize(
    ("tenants", "budget", "stay"),
    [
        pytest.param([tenant(A), tenant(B)], Budget(), {A, B}, id="without a bound all stay"),
        pytest.param([tenant(A, 1.0), tenant(B, 2.0)], Budget(1), {B}, id="the last called stays"),
        pytest.param(
            [
                tenant(A, 9.0),
                Tenant(B, expected_since=5.0, called_at=5.0),
                Tenant(C, expected_since=4.0, called_at=6.0),
            ],
            Budget(1),
            {C},
            id="who is waited for goes before who is called more often, the longest first",
        ),
        pytest.param([tenant(A, 1.0, held=True), tenant(B, 2.0)], Budget(1), {A}, id="never one that a call holds"),
        pytest.param([tenant(A), tenant(B, loaded=True)], Budget(1), {B}, id="of equals the one that is loaded"),
        pytest.param([tenant(B), tenant(A)], Budget(1), {A}, id="else by name"),
        pytest.param(
            [tenant(A, 3.0, 60), tenant(B, 2.0, 50), tenant(C, 1.0, 40)],
            Budget(memory_bytes=100),
            {A, C},
            id="what fits beside the last called",
        ),
        pytest.param([tenant(A, 1.0, 500)], Budget(memory_bytes=100), {A}, id="one too large gets its turn alone"),
    ],
)
def test_residents(tenants: list[Tenant], budget: Budget, stay: set[VersionId]) -> None:
    assert residents(tenants, budget) == stay


@given(
    st.lists(
        st.builds(
            tenant,
            st.builds(VersionId, st.sampled_from("abcdef"), st.integers(1, 5)),
            st.floats(0, 10),
            st.integers(0, 50),
            loaded=st.booleans(),
            held=st.booleans(),
        ),
        unique_by=lambda one: one.id,
    ),
    st.integers(1, 4),
    st.integers(1, 100),
)
def test_the_budget_holds_but_for_what_calls_hold(tenants: list[Tenant], versions: int, memory_bytes: int) -> None:
    stay = residents(tenants, Budget(versions, memory_bytes))
    held = {one.id for one in tenants if one.held}
    free = [one for one in tenants if one.id in stay - held]
    assert held <= stay
    assert bool(stay) == bool(tenants)
    if len(stay) > 1 and free:
        assert len(stay) <= max(versions, len(held))
        used = sum(one.memory_bytes for one in tenants if one.id in stay)
        assert used <= memory_bytes or used == sum(one.memory_bytes for one in tenants if one.held)
