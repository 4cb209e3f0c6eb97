"""A small installation that no rule finds fault with, for tests to plant faults in."""

import yaml

from tests.integration.k8s.objects import Manifests

SOUND = """
kind: Namespace
metadata: {name: us}
---
kind: ServiceAccount
metadata: {name: a, namespace: us}
---
kind: PersistentVolumeClaim
metadata: {name: store, namespace: us}
---
kind: ConfigMap
metadata: {name: settings, namespace: us}
data: {a.yaml: ""}
---
kind: Deployment
metadata: {name: a, namespace: us}
spec:
  strategy: {rollingUpdate: {maxUnavailable: 0, maxSurge: 1}}
  selector: {matchLabels: {app: a}}
  template:
    metadata: {labels: {app: a}}
    spec:
      serviceAccountName: a
      priorityClassName: system-cluster-critical
      automountServiceAccountToken: false
      enableServiceLinks: false
      securityContext: {runAsNonRoot: true, runAsUser: 1, seccompProfile: {type: RuntimeDefault}}
      initContainers:
        - &container
          name: before
          image: one.example:5000/a:1
          resources: {requests: {cpu: 100m, memory: 1Gi}, limits: {memory: 1Gi}}
          securityContext:
            allowPrivilegeEscalation: false
            readOnlyRootFilesystem: true
            capabilities: {drop: [ALL]}
      containers:
        - <<: *container
          name: main
          ports: [{name: grpc, containerPort: 1}]
          args: [serve, --config=/settings/a.yaml]
          env: [{name: X, value: "1"}]
          lifecycle: {preStop: {sleep: {seconds: 1}}}
          startupProbe: {grpc: {port: 1, service: hotshelf.Live}}
          readinessProbe: {grpc: {port: 1}}
          livenessProbe: {grpc: {port: 1, service: hotshelf.Live}}
          volumeMounts:
            - {name: settings, mountPath: /settings, readOnly: true}
            - {name: store, mountPath: /store}
            - {name: tmp, mountPath: /tmp}
      volumes:
        - {name: settings, configMap: {name: settings}}
        - {name: store, persistentVolumeClaim: {claimName: store}}
        - {name: tmp, emptyDir: {sizeLimit: 1Gi}}
---
kind: Job
metadata: {name: b, namespace: us}
spec:
  activeDeadlineSeconds: 1
  podFailurePolicy: {rules: [{action: FailJob, onExitCodes: {containerName: before}}]}
  template:
    metadata: {labels: {app: b}}
    spec:
      restartPolicy: Never
      automountServiceAccountToken: false
      enableServiceLinks: false
      securityContext: {runAsNonRoot: true, seccompProfile: {type: RuntimeDefault}}
      containers:
        - name: before
          image: a@sha256:0
          resources: {requests: {cpu: 1, memory: 1Gi}, limits: {memory: 1Gi}}
          securityContext:
            allowPrivilegeEscalation: false
            readOnlyRootFilesystem: true
            capabilities: {drop: [ALL]}
      volumes:
        - {name: store, persistentVolumeClaim: {claimName: store}}
---
kind: CronJob
metadata: {name: c, namespace: us}
spec:
  schedule: 30 4 * * *
  jobTemplate:
    spec:
      activeDeadlineSeconds: 1
      template:
        metadata: {labels: {app: c}}
        spec:
          restartPolicy: OnFailure
          automountServiceAccountToken: false
          enableServiceLinks: false
          securityContext: {runAsNonRoot: true, seccompProfile: {type: RuntimeDefault}}
          containers: []
---
kind: Service
metadata: {name: a, namespace: us}
spec:
  selector: {app: a}
  ports: [{name: grpc, port: 1, targetPort: grpc}]
---
kind: GRPCRoute
metadata: {name: a, namespace: us}
spec:
  rules: [{backendRefs: [{name: a, port: 1}]}]
---
kind: PodMonitor
metadata: {name: a, namespace: us}
spec:
  selector: {matchLabels: {app: a}}
  podMetricsEndpoints: [{port: grpc}]
---
kind: NetworkPolicy
metadata: {name: a, namespace: us}
spec:
  ingress: [{ports: [{port: grpc}, {port: 1}]}]
---
kind: PodDisruptionBudget
metadata: {name: a, namespace: us}
spec:
  maxUnavailable: 1
  selector: {matchLabels: {app: a}}
---
kind: HorizontalPodAutoscaler
metadata: {name: a, namespace: us}
spec:
  scaleTargetRef: {kind: Deployment, name: a}
  minReplicas: 2
  maxReplicas: 3
"""


def sound() -> Manifests:
    """Anew each time."""
    # By way of text once more, since YAML's anchors make parts that are one object.
    return list(yaml.safe_load_all("---\n".join(_plain(one) for one in yaml.safe_load_all(SOUND))))


def _plain(one: object) -> str:
    return yaml.dump(one, Dumper=_WithoutAnchors)


class _WithoutAnchors(yaml.SafeDumper):
    def ignore_aliases(self, data: object) -> bool:
        return True
