"""What no schema says: what only an API server would refuse, and what we ask of every workload ourselves.

A rule takes all manifests of one installation and names what is wrong with them.
"""

from collections.abc import Callable, Iterable

from tests.integration.k8s.objects import Manifests
from tests.integration.k8s.rules import housekeeping, names, references, scaling, security, services, workloads

Rule = Callable[[Manifests], Iterable[str]]

RULES: tuple[Rule, ...] = (
    workloads.roll_outs_can_move,
    workloads.selectors_match_their_template,
    workloads.jobs_end,
    workloads.schedules_are_times,
    workloads.hooks_fit_into_the_grace_period,
    workloads.budgets_say_one_thing,
    workloads.probes_find_their_port,
    workloads.only_readiness_waits_for_models,
    names.are_given_once,
    names.are_valid,
    names.are_in_our_namespace,
    references.lead_somewhere,
    references.mounts_have_a_volume,
    references.files_are_in_their_config_map,
    references.pods_share_one_store,
    services.reach_a_port,
    services.routes_reach_a_service,
    services.monitors_reach_a_port,
    services.policies_name_ports_that_exist,
    scaling.targets_exist,
    scaling.one_autoscaler_has_the_say,
    security.pods_are_restricted,
    security.containers_are_restricted,
    security.root_is_read_only,
    security.no_token_is_mounted,
    housekeeping.images_are_pinned,
    housekeeping.quantities_are_read,
    housekeeping.resources_are_said,
    housekeeping.objects_can_be_applied,
    housekeeping.scratch_is_bounded,
    housekeeping.no_service_links,
)


def faults(manifests: Manifests) -> list[str]:
    """All that is wrong."""
    return [f"{fault} ({rule.__name__})" for rule in RULES for fault in rule(manifests)]
