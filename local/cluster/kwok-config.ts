import { stringify } from "yaml";
import { kubeletPort } from "./addresses";
import { patternOfOurs } from "../kubelet/programs";

/*
 * What KWOK plays in place of the kubelets. No container runs: a pod is shown with the status that a kubelet would
 * write, in about a tenth of a second. There is no registry either, so
 * a container image whose tag starts with `missing` plays the image that cannot be pulled: its pod never gets ready.
 * Pods whose images have programs (see ../kubelet/programs.ts) are left alone: their status is what their processes do.
 */

/** A jq expression over the pod: the one thing that is to be done with it now. */
const nextAction = (traffic: boolean) => `
  def images: [(.spec.containers + (.spec.initContainers // []))[].image];
  def missing: images | any(test(":missing[^/:]*$"));
  def program: split("/") | last | split("@")[0] | split(":")[0];
  def has_program: [.spec.containers[].image | program] | any(test("${patternOfOurs(traffic)}"));
  def ready: [(.status.conditions // [])[] | select(.type == "Ready").status] | first // "" | . == "True";
  if has_program then "none"
  elif .metadata.deletionTimestamp then (if .metadata.finalizers then "none" else "delete" end)
  elif (.status.podIP // "") == "" then (if missing then "start-missing" else "start" end)
  elif .status.phase == "Succeeded" or .status.phase == "Failed" then "keep"
  elif (ready or missing) | not then "start"
  elif ready and ([(.metadata.ownerReferences // [])[].kind] | any(. == "Job")) then "complete"
  else "keep" end`;

const templateHead = `
{{ $now := Now }}
{{ $started := or .status.startTime $now }}
{{ $waitsForInit := "" }}
{{ $unready := list }}
{{ range .spec.initContainers }}
{{ if and (not $waitsForInit) (regexMatch ":missing[^/:]*$" .image) }}{{ $waitsForInit = .name }}{{ end }}
{{ end }}
{{ range .spec.containers }}
{{ if or $waitsForInit (regexMatch ":missing[^/:]*$" .image) }}{{ $unready = append $unready .name }}{{ end }}
{{ end }}`;

/** The status of a pod that is to run, computed from its spec and annotations alone. */
const runningStatus = `${templateHead}
{{ $pending := false }}
initContainerStatuses:
{{ $blocked := false }}
{{ range .spec.initContainers }}
- name: {{ .name | Quote }}
  image: {{ .image | Quote }}
  restartCount: 0
{{ if eq .name $waitsForInit }}
{{ $blocked = true }}
  ready: false
  started: false
  state: {waiting: {reason: ImagePullBackOff, message: {{ printf "Back-off pulling image %q" .image | Quote }}}}
{{ else if $blocked }}
  ready: false
  started: false
  state: {waiting: {reason: PodInitializing}}
{{ else if eq (or .restartPolicy "") "Always" }}
  ready: true
  started: true
  state: {running: {startedAt: {{ $started | Quote }}}}
{{ else }}
  ready: true
  started: false
  state: {terminated: {exitCode: 0, reason: Completed, startedAt: {{ $started | Quote }}, finishedAt: {{ $started | Quote }}}}
{{ end }}
{{ end }}
containerStatuses:
{{ range .spec.containers }}
- name: {{ .name | Quote }}
  image: {{ .image | Quote }}
  restartCount: 0
  ready: {{ not (has .name $unready) }}
{{ if $waitsForInit }}
{{ $pending = true }}
  started: false
  state: {waiting: {reason: PodInitializing}}
{{ else if regexMatch ":missing[^/:]*$" .image }}
{{ $pending = true }}
  started: false
  state: {waiting: {reason: ImagePullBackOff, message: {{ printf "Back-off pulling image %q" .image | Quote }}}}
{{ else }}
  started: true
  state: {running: {startedAt: {{ $started | Quote }}}}
{{ end }}
{{ end }}
conditions:
- type: PodReadyToStartContainers
  status: "True"
  lastTransitionTime: {{ $started | Quote }}
- type: Initialized
  lastTransitionTime: {{ $started | Quote }}
{{ if $waitsForInit }}
  status: "False"
  reason: ContainersNotInitialized
  message: {{ printf "containers with incomplete status: [%s]" $waitsForInit | Quote }}
{{ else }}
  status: "True"
{{ end }}
{{ range (list "Ready" "ContainersReady") }}
- type: {{ . }}
  lastTransitionTime: {{ $now | Quote }}
{{ if $unready }}
  status: "False"
  reason: ContainersNotReady
  message: {{ printf "containers with unready status: [%s]" (join " " $unready) | Quote }}
{{ else }}
  status: "True"
  reason: null
  message: null
{{ end }}
{{ end }}
{{ range .spec.readinessGates }}
- type: {{ .conditionType | Quote }}
  lastTransitionTime: {{ $now | Quote }}
  status: "True"
{{ end }}
hostIP: {{ NodeIPWith .spec.nodeName | Quote }}
podIP: {{ if .status.podIP }}{{ .status.podIP | Quote }}{{ else }}
  {{- PodIPWith .spec.nodeName ( or .spec.hostNetwork false ) .metadata.uid .metadata.name .metadata.namespace | Quote }}{{ end }}
phase: {{ if $pending }}Pending{{ else }}Running{{ end }}
startTime: {{ $started | Quote }}
`;

/** The pod of a Job has done its work. */
const completedStatus = `
{{ $now := Now }}
containerStatuses:
{{ range .spec.containers }}
- name: {{ .name | Quote }}
  image: {{ .image | Quote }}
  restartCount: 0
  ready: false
  started: false
  state: {terminated: {exitCode: 0, reason: Completed, startedAt: {{ $.status.startTime | Quote }}, finishedAt: {{ $now | Quote }}}}
{{ end }}
conditions:
{{ range (list "Ready" "ContainersReady") }}
- {type: {{ . }}, status: "False", reason: PodCompleted, lastTransitionTime: {{ $now | Quote }}}
{{ end }}
phase: Succeeded
`;

const nodeConditions = `
{{ $now := Now }}
conditions:
{{ range NodeConditions }}
- type: {{ .type | Quote }}
  status: {{ .status | Quote }}
  reason: {{ .reason | Quote }}
  message: {{ .message | Quote }}
  lastHeartbeatTime: {{ $now | Quote }}
  lastTransitionTime: {{ or $.metadata.creationTimestamp $now | Quote }}
{{ end }}
daemonEndpoints: {kubeletEndpoint: {Port: ${kubeletPort}}}
phase: Running
`;

interface Stage {
  kind: "Node" | "Pod";
  name: string;
  values: string[];
  delayMilliseconds?: number;
  next: Record<string, unknown>;
}

const nodeReady = '[(.status.conditions // [])[] | select(.type == "Ready").status] | any(. == "True")';
const whenPod = (action: string) => ({ kind: "Pod" as const, name: `pod-${action}`, values: [action] });

// KWOK takes a used address only for used once it has played a stage of its pod. After a restart "keep" does so for every
// old pod, at once; new pods wait a moment, so that they never get the address of an old one.
const startDelayMilliseconds = 100;

const stages: Stage[] = [
  { kind: "Node", name: "node-start", values: ["false"], next: { statusTemplate: nodeConditions } },
  {
    kind: "Node",
    name: "node-heartbeat",
    values: ["true"],
    delayMilliseconds: 20_000,
    next: { statusTemplate: nodeConditions },
  },
  { ...whenPod("keep"), next: {} },
  { ...whenPod("start"), delayMilliseconds: startDelayMilliseconds, next: { statusTemplate: runningStatus } },
  {
    ...whenPod("start-missing"),
    delayMilliseconds: startDelayMilliseconds,
    next: {
      statusTemplate: runningStatus,
      event: {
        type: "Warning",
        reason: "Failed",
        message:
          "Failed to pull image: the local cluster has no registry; a tag that starts with `missing` plays the image that cannot be pulled",
      },
    },
  },
  { ...whenPod("complete"), delayMilliseconds: 500, next: { statusTemplate: completedStatus } },
  { ...whenPod("delete"), next: { delete: true } },
];

/** KWOK's configuration file. */
export function kwokConfig(traffic: boolean): string {
  const keys = { Node: nodeReady, Pod: nextAction(traffic) };
  return stages
    .map((stage) =>
      stringify({
        apiVersion: "kwok.x-k8s.io/v1alpha1",
        kind: "Stage",
        metadata: { name: stage.name },
        spec: {
          resourceRef: { apiGroup: "v1", kind: stage.kind },
          selector: { matchExpressions: [{ key: keys[stage.kind], operator: "In", values: stage.values }] },
          ...(stage.delayMilliseconds === undefined
            ? {}
            : { delay: { durationMilliseconds: stage.delayMilliseconds } }),
          next: stage.next,
        },
      }),
    )
    .join("---\n");
}
