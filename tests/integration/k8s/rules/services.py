"""Ways to a pod: Services, routes, network policies."""

from collections.abc import Iterator

from tests.integration.k8s.objects import Manifests, find, named, of_kind, pods, selects


def reach_a_port(manifests: Manifests) -> Iterator[str]:
    """A Service selects pods, and each of them has the port that it leads to."""
    for service in of_kind(manifests, "Service"):
        reached = [pod for pod in pods(manifests) if selects(service["spec"]["selector"], pod.labels)]
        if not reached:
            yield f"{named(service)}: selects no pod"
        for port in service["spec"]["ports"]:
            target = port.get("targetPort", port["port"])
            yield from (
                f"{named(service)}: {pod.where} has no port {target}" for pod in reached if target not in pod.ports
            )


def routes_reach_a_service(manifests: Manifests) -> Iterator[str]:
    """A GRPCRoute's backends are Services of ours, with that port."""
    for route in of_kind(manifests, "GRPCRoute"):
        for backend in (one for rule in route["spec"]["rules"] for one in rule["backendRefs"]):
            service = find(manifests, "Service", backend["name"])
            if service is None or backend["port"] not in {port["port"] for port in service["spec"]["ports"]}:
                yield f"{named(route)}: no Service {backend['name']} with port {backend['port']}"


def monitors_reach_a_port(manifests: Manifests) -> Iterator[str]:
    """A PodMonitor selects pods, and each of them has the port that it scrapes."""
    for monitor in of_kind(manifests, "PodMonitor"):
        wanted = monitor["spec"]["selector"]["matchLabels"]
        scraped = [pod for pod in pods(manifests) if selects(wanted, pod.labels)]
        if not scraped:
            yield f"{named(monitor)}: selects no pod"
        for port in (one["port"] for one in monitor["spec"]["podMetricsEndpoints"]):
            yield from (f"{named(monitor)}: {pod.where} has no port {port}" for pod in scraped if port not in pod.ports)


def policies_name_ports_that_exist(manifests: Manifests) -> Iterator[str]:
    """A named port in a NetworkPolicy that no pod has would silently allow nothing."""
    known = set().union(*(pod.ports for pod in pods(manifests)))
    for policy in of_kind(manifests, "NetworkPolicy"):
        for rule in [*policy["spec"].get("ingress", ()), *policy["spec"].get("egress", ())]:
            for port in (one["port"] for one in rule.get("ports", ()) if isinstance(one.get("port"), str)):
                if port not in known:
                    yield f"{named(policy)}: no pod has a port {port}"
