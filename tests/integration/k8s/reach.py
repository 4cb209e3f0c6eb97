"""Who reaches whom by NetworkPolicies (kubernetes.io, Network Policies), as far as ours go: within one namespace."""

from collections.abc import Iterator, Mapping

from tests.integration.k8s.objects import Manifest, Manifests, Pod, of_kind, pods, selects

NAME = "app.kubernetes.io/name"


def ways(manifests: Manifests) -> set[tuple[str, str, str]]:
    """Every pair of pods that may speak, by name, with the named port; both sides must allow it."""
    policies = [one["spec"] for one in of_kind(manifests, "NetworkPolicy")]
    every = list(pods(manifests))
    return {
        (source.labels[NAME], target.labels[NAME], port)
        for source in every
        for target in every
        for port in (name for name in target.ports if isinstance(name, str))
        if _allows(policies, "Egress", source, target, port) and _allows(policies, "Ingress", target, source, port)
    }


def _allows(policies: list[Manifest], direction: str, pod: Pod, peer: Pod, port: str) -> bool:
    applying = [one for one in policies if direction in one["policyTypes"] and chosen(one["podSelector"], pod.labels)]
    key, side = ("to", "egress") if direction == "Egress" else ("from", "ingress")
    rules = [rule for one in applying for rule in one.get(side, ())]
    return not applying or any(_peer(rule, key, peer) and _port(rule, port) for rule in rules)


def _peer(rule: Manifest, key: str, peer: Pod) -> bool:
    return key not in rule or any(
        "namespaceSelector" not in one and chosen(one["podSelector"], peer.labels) for one in rule[key]
    )


def _port(rule: Manifest, port: str) -> bool:
    return "ports" not in rule or any(one["port"] == port for one in rule["ports"])


def chosen(selector: Manifest, labels: Mapping[str, str]) -> bool:
    """Whether a selector of labels and expressions chooses."""
    return selects(selector.get("matchLabels", {}), labels) and all(_meets(selector, labels))


def _meets(selector: Manifest, labels: Mapping[str, str]) -> Iterator[bool]:
    for one in selector.get("matchExpressions", ()):
        assert one["operator"] == "In", one
        yield labels.get(one["key"]) in one["values"]
