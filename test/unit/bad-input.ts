import { stackFile } from "./command-line";

/*
 * What a person may get wrong, and every word that he is told. `bad-input.test.ts` gives each row to the command line: it exits
 * with 2, says exactly this, and has changed nothing.
 */

const long = "a".repeat(64);
const latin1 = Buffer.from(stackFile.replace("# promote here", "# für alle"), "latin1");
const stable = "      stable: v1\n";
/** Ten lines that stand for a million million values. */
const bomb = Array.from({ length: 9 }, (_, n) => `  a${n}: &a${n} [${`*a${n - 1}, `.repeat(n > 0 ? 9 : 0)}x]\n`).join(
  "",
);
const notYaml = (problem: string) => `is not YAML that can be read; nothing was changed\n  ${problem}`;
const problem = (text: string) => `: 1 problem; nothing was changed\n  ${text}`;
const allKeys =
  "ftgo:cluster, ftgo:namespace, ftgo:pinnedImages, ftgo:services, ftgo:mesh, ftgo:telemetry, ftgo:dataStores, ftgo:backend, ftgo:secrets";

/** The file as a whole: what is wrong with it, its content, and what is said after its name. */
export const files: readonly (readonly [what: string, content: string | Buffer, said: string])[] = [
  ["nothing in it", "", problem(`config is missing; under it stand ${allKeys}`)],
  ["only a comment", "# soon\n", problem(`config is missing; under it stand ${allKeys}`)],
  ["a text", "hello\n", problem("config is missing: the file holds no `key: value` at its top")],
  ["a list", "- ftgo\n", problem("config is missing: the file holds no `key: value` at its top")],
  ["a config that is a text", "config: hello\n", problem(`config is no map; under it stand ${allKeys}`)],
  [
    "a slip in `config`",
    stackFile.replace("config", "confg"),
    problem('confg is not a known key; did you mean "config"?'),
  ],
  [
    "a slip in a key of Pulumi's",
    `secretprovider: passphrase\n${stackFile}`,
    problem('secretprovider is not a known key; did you mean "secretsprovider"?'),
  ],
  [
    "bytes of a program",
    Buffer.from("\x7fELF\x02\xff\xfe", "latin1"),
    " is no text in UTF-8; save it in that encoding. Nothing was changed",
  ],
  ["an old encoding", latin1, " is no text in UTF-8; save it in that encoding. Nothing was changed"],
  [
    "UTF-16",
    Buffer.from(`\ufeff${stackFile}`, "utf16le"),
    " is no text in UTF-8; save it in that encoding. Nothing was changed",
  ],
  [
    "a NUL",
    stackFile.replace("stable: v1", "stable: v\0"),
    ` ${notYaml("line 7 has the control character U+0000; remove it")}`,
  ],
  [
    "a tab for indentation",
    stackFile.replace("    rest", "\trest"),
    ` ${notYaml("line 4, column 1: Tabs are not allowed as indentation")}`,
  ],
  [
    "a key twice",
    stackFile.replace(stable, stable + stable),
    ` ${notYaml("line 8, column 7: this key stands in its map twice; put what is under both of them under one")}`,
  ],
  [
    "a merge that was not finished",
    stackFile.replace(stable, `<<<<<<< HEAD\n${stable}=======\n${stable}>>>>>>> other\n`),
    ` ${notYaml("line 7 is the mark of a merge conflict; keep one of the two sides")}`,
  ],
  [
    "a line without a colon",
    stackFile.replace("stable: v1", "stable v1"),
    ` ${notYaml("line 7, column 7: this line is no `key: value`")}`,
  ],
  [
    "a second colon",
    stackFile.replace("r:1", "r: 1"),
    ` ${notYaml("line 4, column 26: a second `: ` makes a map of the value; put the value in quotes")}`,
  ],
  [
    "a brace that is not closed",
    stackFile.replace("weight: 5 }", "weight: 5"),
    ` ${notYaml("line 9, column 3: Flow map in block collection must be sufficiently indented and end with a }")}`,
  ],
  [
    "no space after a colon, beside a password",
    stackFile.replace("{ secure: v1:x }", "hunter2 }}"),
    ` ${notYaml("line 9, column 46: Unexpected flow-map-end token in YAML stream")}`,
  ],
  [
    "two documents",
    `${stackFile}---\n${stackFile}`,
    ` ${notYaml("line 10, column 1: a second document begins here, and a stack file is one; remove the line `---`")}`,
  ],
  [
    "another version of YAML",
    `%YAML 1.1\n---\n${stackFile}`,
    ` ${notYaml("it begins with a %YAML line, by which readers take the rest in different ways; remove that line")}`,
  ],
  [
    "a tag of another program's",
    stackFile.replace("stable: v1", "stable: !Ref v1"),
    ` ${notYaml("line 7, column 15: a tag (`!…`) means nothing here; remove it")}`,
  ],
  [
    "brackets without end",
    `config: ${"[".repeat(20_000)}\n`,
    ` ${notYaml("line 1: it is nested too deeply to be read")}`,
  ],
  [
    "an alias of nothing",
    "config: { ftgo:services: *nothing }\n",
    " has an alias that cannot be used; write its value out\n" +
      "  Unresolved alias (the anchor must be set before the alias): nothing",
  ],
  [
    "an alias of itself",
    "config: { ftgo:services: &all [*all] }\n",
    " has an alias that cannot be used; write its value out\n  *all stands inside of what it stands for",
  ],
  [
    "aliases of aliases of aliases",
    `config:\n${bomb}`,
    " has an alias that cannot be used; write its value out\n" +
      "  Excessive alias count indicates a resource exhaustion attack",
  ],
];

/** What is wrong, as it stands in the file, and every line that is said of it. */
export type Row = readonly [given: string, ...said: string[]];

/** Under `config`. */
export const ofConfig: readonly Row[] = [
  ["ftgo:cluster: embedded", 'ftgo:cluster is "embedded"; give a map'],
  ["ftgo:cluster: { kind: kubeconfig }", "ftgo:cluster.context is missing; give a text"],
  [
    "ftgo:cluster: { kind: embeded }",
    'ftgo:cluster.kind is "embeded"; give one of embedded, kubeconfig, eks; did you mean "embedded"?',
  ],
  ["ftgo:cluster: { kind: embedded, context: prod }", "ftgo:cluster.context is not a known key; there is kind"],
  ["ftgo:cluster:", "ftgo:cluster is null; give a map"],
  ["ftgo:services: [shop]", "ftgo:services is a list; give a map"],
  ["ftgo:services:\n  shop: s:1", 'ftgo:services.shop is "s:1"; give a map'],
  [
    "ftgo:services: { Shop: { image: s:1 } }",
    "ftgo:services.Shop has a name that cannot be used: use lower-case letters, digits and '-', starting with a letter, 63 characters at most",
  ],
  [
    "ftgo:services: { '1shop': { image: s:1 } }",
    "ftgo:services.1shop has a name that cannot be used: use lower-case letters, digits and '-', starting with a letter, 63 characters at most",
  ],
  ["ftgo:services: { data: { image: s:1 } }", "ftgo:services.data.name is data, which the program itself has already"],
  [
    "ftgo:services: { ftgo-mysql: { image: s:1 } }",
    "ftgo:services.ftgo-mysql.name is ftgo-mysql, which dataStores.mysql has already",
  ],
  [
    "ftgo:services:\n  shop: &shop { image: s:1 }\n  cart: { <<: *shop, port: 80 }",
    'ftgo:services.cart["<<"] is a merge of maps, which not all readers of YAML know; write out what it stands for',
  ],
  ["ftgo:namespace: Shop", `ftgo:namespace is "Shop"; use lower-case letters, digits and '-', 63 characters at most`],
  [
    `ftgo:namespace: ${long}`,
    `ftgo:namespace is "${long}"; use lower-case letters, digits and '-', 63 characters at most`,
  ],
  ["ftgo:namespace: [ftgo]", "ftgo:namespace is a list; give a text"],
  ["ftgo:pinnedImages: yes", 'ftgo:pinnedImages is "yes"; give one of true, false'],
  [
    "ftgo:pinnedImages: true\nftgo:dataStores: { mysql: { image: mysql:8.4 } }\nftgo:services: { shop: { image: s:latest } }",
    "ftgo:services.shop.image is s:latest, which can change under its name; give a fixed tag or a digest (pinnedImages is on)",
  ],
  [
    "ftgo:namespace: Shop\nftgo:mesh: { namespace: ftgo }",
    `ftgo:namespace is "Shop"; use lower-case letters, digits and '-', 63 characters at most`,
  ],
  [
    "ftgo:mesh: { install: false }\nftgo:telemetry: { accessLog: true }",
    "ftgo:telemetry.accessLog holds for the whole mesh, which another stack installs (`mesh.install` is false); say it there",
  ],
  [
    "ftgo:cluster: { kind: eks, name: ftgo, region: eu-central-1, admins: ['arn:aws:iam::123456789012:role/deployer'] }\n" +
      "ftgo:mesh: { install: false }",
    "ftgo:mesh.install is false, and a cluster of kind eks is made here, without a mesh; reach another stack's by kind kubeconfig",
  ],
  ["ftgo:mesh: { replicas: 0 }", "ftgo:mesh.replicas is 0; the least is 1"],
  ["ftgo:mesh: { relicas: 2 }", 'ftgo:mesh.relicas is not a known key; did you mean "replicas"?'],
  [
    "ftgo:mesh: { revision: 1.31.1 }",
    `ftgo:mesh.revision is "1.31.1"; use lower-case letters, digits and '-', 40 characters at most`,
  ],
  [
    "ftgo:mesh: { revision: default }",
    'ftgo:mesh.revision is "default"; leave the key out: `default` is Istio\'s own name for a control plane without one',
  ],
  ["ftgo:mesh: { version: 1.31 }", "ftgo:mesh.version is 1.31; give a text"],
  [
    "ftgo:dataStores: { mysql: { storage: 1GB } }",
    'ftgo:dataStores.mysql.storage is "1GB"; use a Kubernetes quantity such as 250m (CPU) or 512Mi (memory)',
  ],
  [
    "ftgo:dataStores: { mysql: { storage: 500m } }",
    'ftgo:dataStores.mysql.storage is "500m"; that is less than 1Mi; use a unit such as Mi or Gi',
  ],
  [
    "ftgo:dataStores: { databaseUser: my user }",
    `ftgo:dataStores.databaseUser is "my user"; use up to 23 letters, digits and '_'`,
  ],
  [
    "ftgo:dataStores: { postgres: {} }",
    "ftgo:dataStores.postgres is not a known key; there is databaseUser, mysql, kafka, zookeeper",
  ],
  [
    "ftgo:backend: s4://state",
    'ftgo:backend is "s4://state"; use a Pulumi backend such as s3://bucket?region=eu-central-1',
  ],
  [
    "ftgo:secrets: { databasePassword: hunter2, databaseAdminPassword: { secure: v1:x } }",
    "ftgo:secrets.databasePassword is not encrypted; run `pulumi config set --stack mine --secret --path secrets.databasePassword`",
  ],
  [
    "ftgo:secrets: { databasePasword: hunter2, databasePassword: { secure: v1:x }, databaseAdminPassword: { secure: v1:x } }",
    'ftgo:secrets.databasePasword is not a known key; did you mean "databasePassword"?',
  ],
  [
    "ftgo:secrets: { databasePassword: { secure: v1:x }, databaseAdminPassword: { secure: v1:x }, env: { invoices: { KEY: { secure: v1:x } } } }",
    "ftgo:secrets.env.invoices is not under `services`; if that service is gone: `pulumi config rm --stack mine --path secrets.env.invoices`",
  ],
  [
    "ftgo:secrets: hunter2",
    "ftgo:secrets.databasePassword is not encrypted; run `pulumi config set --stack mine --secret --path secrets.databasePassword`",
    "ftgo:secrets.databaseAdminPassword is not encrypted; run `pulumi config set --stack mine --secret --path secrets.databaseAdminPassword`",
  ],
  [
    "ftgo:databasePassword: hunter2",
    "ftgo:databasePassword is not a known key; there is cluster, namespace, pinnedImages, services, mesh, telemetry, dataStores, backend, secrets",
  ],
  ["ftgo:servces: {}", 'ftgo:servces is not a known key; did you mean "services"?'],
  [
    "namespace: ftgo",
    'namespace is written without "ftgo:", which Pulumi takes for the same key; write ftgo:namespace',
  ],
  [
    "ftgo: { namespace: ftgo }",
    "ftgo is not a known key; there is ftgo:cluster, ftgo:namespace, ftgo:pinnedImages, ftgo:services, ftgo:mesh, ftgo:telemetry, ftgo:dataStores, ftgo:backend, ftgo:secrets",
  ],
  ["fgto:namespace: ftgo", 'fgto:namespace is not a known key; did you mean "ftgo:namespace"?'],
  [
    "ftgo:services.shop.port: 80",
    "ftgo:services.shop.port is not a known key: Pulumi takes dots for a path only with `config set --path`; remove it and set it so",
  ],
];

/** In the service `shop`, beside its image; what is said begins with `ftgo:services.`. There is a service `cart` too. */
export const ofService: readonly Row[] = [
  [
    "labels: { a: b }",
    "shop.labels is not a known key; there is name, image, versions, stable, canary, imagePullPolicy, imagePullSecrets, replicas, port, env, config, dataStores, resources, probes, placement, rollout, stop, sidecars, initContainers, volumes, mounts, callers, traffic, expose",
  ],
  ["Replicas: 2", 'shop.Replicas is not a known key; did you mean "replicas"?'],
  [
    "imagePullPolicy: always",
    'shop.imagePullPolicy is "always"; give one of Always, IfNotPresent, Never; did you mean "Always"?',
  ],
  ["imagePullSecrets: registry", 'shop.imagePullSecrets is "registry"; give a list'],
  ["imagePullSecrets: [a, a]", 'shop.imagePullSecrets[1] is "a" again; name it once'],
  ["port: 0", "shop.port is 0; the least is 1"],
  ["port: 65536", "shop.port is 65536; the most is 65535"],
  ["port: '8080'", 'shop.port is "8080"; give a number'],
  ["port: 80.5", "shop.port is 80.5; give a whole number"],
  ["port: .nan", "shop.port is .nan; give a number"],
  ["port: .inf", "shop.port is .inf; give a number"],
  ["port: 99999999999999999999", "shop.port is 100000000000000000000; the most is 65535"],
  [
    "port: 0b11",
    "shop.port is one value to Pulumi and another one to other readers of YAML; write a plain number, or put it in quotes",
  ],
  ["port: [80]", "shop.port is a list; give a number"],
  ["replicas: '2'", 'shop.replicas is "2"; give a number or a map'],
  ["replicas: -1", "shop.replicas is -1; the least is 0"],
  ["replicas: 1.5", "shop.replicas is 1.5; give a whole number or a map"],
  ["replicas: 1001", "shop.replicas is 1001; the most is 1000"],
  ["replicas: { min: 3, max: 2 }", "shop.replicas.max is 2; it must not be less than min"],
  ["replicas: { min: 0, max: 2 }", "shop.replicas.min is 0; the least is 1"],
  ["replicas: { min: 2 }", "shop.replicas.max is missing; give a number"],
  ["replicas: { min: 1, max: 2, cpu: 101 }", "shop.replicas.cpu is 101; the most is 100"],
  [
    "name: shop_1",
    `shop.name is "shop_1"; use lower-case letters, digits and '-', starting with a letter, 63 characters at most`,
  ],
  [
    `name: ${long}`,
    `shop.name is "${long}"; use lower-case letters, digits and '-', starting with a letter, 63 characters at most`,
  ],
  ["name: cart", "cart.name is cart, which services.shop has already"],
  ["name: ftgo-mysql", "shop.name is ftgo-mysql, which dataStores.mysql has already"],
  [
    "env: { 1A: x }",
    "shop.env.1A has a name that cannot be used: use letters, digits, '_', '.' and '-', not starting with a digit",
  ],
  ["env: { A: [1] }", "shop.env.A is a list; give a text or a number or true or false"],
  ["env: [A=1]", "shop.env is a list; give a map"],
  [
    "env: { VERSION: 1.10 }",
    "shop.env.VERSION is read as the number 1.1; put it in quotes to hand it over as it is written",
  ],
  [
    "env: { ID: 12345678901234567890 }",
    "shop.env.ID is read as the number 12345678901234567000; put it in quotes to hand it over as it is written",
  ],
  [
    "env: { DAY: 2020-01-01 }",
    "shop.env.DAY is one value to Pulumi and another one to other readers of YAML; write a plain number, or put it in quotes",
  ],
  ["env: { A: !!str 1 }", "shop.env.A has a tag, which readers of YAML take in different ways; remove it"],
  [
    "env: { PASSWORD: { secure: v1:x } }",
    "shop.env.PASSWORD is an encrypted value; give a text or a number or true or false",
  ],
  [
    "dataStores: true, env: { SPRING_DATASOURCE_PASSWORD: hunter2 }",
    "shop.env.SPRING_DATASOURCE_PASSWORD comes from the Secret of the database, because `dataStores` is on; remove it",
  ],
  ["dataStores: yes", 'shop.dataStores is "yes"; give true or false'],
  [
    "resources: { requests: { cpu: 2 }, limits: { cpu: 500m } }",
    "shop.resources.requests.cpu is 2; it must not be more than the limit, 500m",
  ],
  [
    "resources: { requests: { memory: 2Gi }, limits: { memory: 1Gi } }",
    'shop.resources.requests.memory is "2Gi"; it must not be more than the limit, 1Gi',
  ],
  [
    "resources: { requests: { memory: 512 Mi } }",
    'shop.resources.requests.memory is "512 Mi"; use a Kubernetes quantity such as 250m (CPU) or 512Mi (memory)',
  ],
  [
    "resources: { requests: { memory: 512 } }",
    "shop.resources.requests.memory is 512; that is less than 1Mi; use a unit such as Mi or Gi",
  ],
  [
    "resources: { requests: { memory: 400m } }",
    'shop.resources.requests.memory is "400m"; that is less than 1Mi; use a unit such as Mi or Gi',
  ],
  [
    "resources: { requests: { cpu: 1Gi } }",
    'shop.resources.requests.cpu is "1Gi"; no node has so many CPUs; use 250m for a quarter of one, or 2 for two',
  ],
  [
    "resources: { requests: { cpu: -1 } }",
    "shop.resources.requests.cpu is -1; use a Kubernetes quantity such as 250m (CPU) or 512Mi (memory)",
  ],
  [
    "resources: { memory: 1Gi }",
    "shop.resources.memory is not a known key here; it has its place under `requests` or `limits`",
  ],
  [
    "version: { v1: { image: a:1 } }",
    'shop.version is not a known key here; did you mean "versions"? Or else it has its place under `canary`',
  ],
  [
    "limits: { all: { requests: 5 } }",
    "shop.limits is not a known key here; it has its place under `resources` or `traffic`",
  ],
  ["traffic: { timeoutSeconds: 5s }", 'shop.traffic.timeoutSeconds is "5s"; give a number without a unit, 5'],
  [
    "traffic: { loadBalancer: round_robin }",
    'shop.traffic.loadBalancer is "round_robin"; give one of ROUND_ROBIN, LEAST_REQUEST, RANDOM; did you mean "ROUND_ROBIN"?',
  ],
  ["probes: { startup: {} }", "shop.probes.startup is not a known key; there is liveness, readiness"],
  [
    "probes: { readiness: { path: health } }",
    `shop.probes.readiness.path is "health"; use a path that starts with '/'`,
  ],
  ["probes: { readiness: { periodSeconds: 0 } }", "shop.probes.readiness.periodSeconds is 0; the least is 1"],
  [
    "probes: { readiness: { initialDelaySeconds: -1 } }",
    "shop.probes.readiness.initialDelaySeconds is -1; the least is 0",
  ],
  ["probes: { liveness: { timeoutSeconds: 1.5 } }", "shop.probes.liveness.timeoutSeconds is 1.5; give a whole number"],
  ["probes: { liveness: { failureThreshold: 0 } }", "shop.probes.liveness.failureThreshold is 0; the least is 1"],
  [
    "rollout: { minReadySeconds: 900 }",
    "shop.rollout.deadlineSeconds is missing; it must be greater than minReadySeconds, 900; the default is 600",
  ],
  ["rollout: { deadlineSeconds: 3000000000 }", "shop.rollout.deadlineSeconds is 3000000000; the most is 86400"],
  [
    "stop: { drainSeconds: 60 }",
    "shop.stop.graceSeconds is missing; it must be greater than drainSeconds, 60; the default is 45",
  ],
  ["expose: NodePort", 'shop.expose is "NodePort"; give a map'],
  ["expose: { port: 80 }", "shop.expose.kind is missing; give one of ClusterIP, NodePort, LoadBalancer"],
  [
    "expose: { kind: Nodeport }",
    'shop.expose.kind is "Nodeport"; give one of ClusterIP, NodePort, LoadBalancer; did you mean "NodePort"?',
  ],
  ["expose: { kind: NodePort, nodePort: 29999 }", "shop.expose.nodePort is 29999; the least is 30000"],
  ["expose: { kind: NodePort, nodePort: 32768 }", "shop.expose.nodePort is 32768; the most is 32767"],
  ["expose: { kind: NodePort, nodePort: 30001 }", "cart.expose.nodePort is 30001, which services.shop has already"],
  ["expose: { kind: ClusterIP, nodePort: 30000 }", "shop.expose.nodePort is not a known key; there is kind, port"],
  [
    "expose: { kind: NodePort, elb: {} }",
    "shop.expose.elb needs a cluster of kind eks, and this one is of kind kubeconfig; use the node port itself",
  ],
  ["expose: { kind: LoadBalancer, sourceRanges: 10.0.0.0/8 }", 'shop.expose.sourceRanges is "10.0.0.0/8"; give a list'],
  [
    "expose: { kind: LoadBalancer, sourceRanges: [10.0.0.1/8] }",
    'shop.expose.sourceRanges[0] is "10.0.0.1/8"; use a CIDR block that starts at its first address, such as 203.0.113.0/24, or 203.0.113.7/32 for one address',
  ],
  [
    "expose: { kind: LoadBalancer, sourceRanges: ['::/0'] }",
    'shop.expose.sourceRanges[0] is "::/0"; use a CIDR block that starts at its first address, such as 203.0.113.0/24, or 203.0.113.7/32 for one address',
  ],
  [
    "expose: { kind: LoadBalancer, certificateArn: mycert }",
    'shop.expose.certificateArn is "mycert"; use the ARN of an ACM certificate, arn:aws:acm:<region>:<account>:certificate/<id>',
  ],
  [
    "expose: { kind: LoadBalancer, type: alb }",
    'shop.expose.type is "alb"; give one of classic, nlb; did you mean "nlb"?',
  ],
  [
    "expose: { kind: LoadBalancer, type: nlb, accessLogs: { bucket: logs } }",
    "shop.expose.accessLogs cannot be had with type nlb: Kubernetes sets up none for an NLB; remove it, or use type classic",
  ],
  [
    "expose: { kind: LoadBalancer, accessLogs: { bucket: My_Logs } }",
    `shop.expose.accessLogs.bucket is "My_Logs"; use the name of an S3 bucket: lower-case letters, digits, '.' and '-'`,
  ],
  [
    "expose: { kind: LoadBalancer, accessLogs: { bucket: logs, prefix: /ftgo } }",
    `shop.expose.accessLogs.prefix is "/ftgo"; use a path that neither starts nor ends with '/'`,
  ],
  [
    "placement: { near: { nobody: required } }",
    "shop.placement.near.nobody is not under `services`; there is shop, cart",
  ],
  [
    "placement: { apart: { shop: required } }",
    "shop.placement.apart.shop is the service itself; `spread` places its own pods",
  ],
  [
    "placement: { near: { shop: required } }",
    "shop.placement.near.shop is the service itself; `spread` places its own pods",
  ],
  ["placement: { near: { cart: must } }", 'shop.placement.near.cart is "must"; give one of required, preferred'],
  [
    "placement: { near: { cart: required }, apart: { cart: preferred } }",
    "shop.placement.apart.cart stands under `near` too; keep one of the two",
  ],
  ["placement: { spread: { zone: required } }", 'shop.placement.spread.zone is not a known key; did you mean "zones"?'],
  ["name: default", "shop.name is default, which Kubernetes has already"],
  ["name: ftgo-mysql-login", "shop.name is ftgo-mysql-login, which dataStores.mysql has already"],
  [
    "expose: { kind: NodePort }, traffic: { limits: { callers: { cart: { requests: 5 } } } }",
    "shop.traffic.limits.callers.cart cannot be kept: who is exposed may be called without a name; give `limits.all`",
  ],
  [
    "expose: { kind: LoadBalancer, healthCheck: { path: /health } }, traffic: { limits: { all: { requests: 5 } } }",
    "shop.traffic.limits.all would count the ELB's health checks too, and a pod at its limit would seem to be ill; remove `healthCheck.path` under `expose`",
  ],
  [
    "traffic: { stickyVersion: { cookie: a%b } }",
    "shop.traffic.stickyVersion.cookie is \"a%b\"; use letters, digits, '_' and '-', not '_' first",
  ],
  ["callers: [ftgo-cart]", 'shop.callers[0] is "ftgo-cart", which is not under `services`; did you mean "cart"?'],
  ["callers: [nobody]", 'shop.callers[0] is "nobody", which is not under `services`; there is shop, cart'],
  ["callers: [ftgo/cart]", 'shop.callers[0] is "ftgo/cart", of this stack\'s own namespace; give the key of a service'],
  [
    "callers: [team/shop/cart]",
    'shop.callers[0] is "team/shop/cart"; use the key of a service, or <namespace>/<name> for one of another namespace',
  ],
  [
    "traffic: { limits: { callers: { other/cart: { requests: 5 } } } }",
    'shop.traffic.limits.callers["other/cart"] is not among `callers`, so it sends nothing; add it there, or remove it here',
  ],
  ["callers: [cart, cart]", 'shop.callers[1] is "cart" again; name it once'],
  [
    "callers: [cart], expose: { kind: NodePort }",
    "shop.callers has no effect with `expose.kind` NodePort, which lets everybody in; remove it",
  ],
  [
    "traffic: { limits: { callers: { cart: { requests: 5 } } } }",
    "shop.traffic.limits.callers.cart is not among `callers`, so it sends nothing; add it there, or remove it here",
  ],
  [
    "traffic: { limits: { callers: { crt: { requests: 5 } } } }",
    'shop.traffic.limits.callers.crt is "crt", which is not under `services`; did you mean "cart"?',
  ],
  [
    "traffic: { preferSameZone: true, outliers: { errors: 0 } }",
    "shop.traffic.preferSameZone needs `outliers`: without it nobody would notice that a zone's pods fail; give `outliers.errors`",
  ],
  [
    "traffic: { loadBalancer: FASTEST }",
    'shop.traffic.loadBalancer is "FASTEST"; give one of ROUND_ROBIN, LEAST_REQUEST, RANDOM',
  ],
  [
    "traffic: { loadBalancer: { header: a b } }",
    `shop.traffic.loadBalancer.header is "a b"; use a header name: letters, digits and '-'`,
  ],
  ["traffic: { loadBalancer: {} }", "shop.traffic.loadBalancer is empty; give one of header, cookie, ttlSeconds"],
  ["traffic: { outliers: { maxPercent: 100 } }", "shop.traffic.outliers.maxPercent is 100; the most is 50"],
  ["traffic: { timeoutSeconds: 0.01 }", "shop.traffic.timeoutSeconds is 0.01; use 0 for none, or 0.1 at least"],
  ["traffic: { limits: { all: { requests: 0 } } }", "shop.traffic.limits.all.requests is 0; the least is 1"],
  [
    "traffic: { retries: { retryOn: 5xx } }",
    "shop.traffic.retries.retryOn is not a known key; there is attempts, readOnlyAttempts",
  ],
  [
    "expose: { kind: LoadBalancer, type: nlb, testers: { from: [10.0.0.0/8] } }",
    "shop.expose.testers.from needs a Classic ELB of an EKS cluster, which tells where a request comes from; leave it empty",
  ],
  [
    "expose: { kind: LoadBalancer, testers: { header: 'a b' } }",
    `shop.expose.testers.header is "a b"; use a header name: letters, digits and '-'`,
  ],
  ["volumes: { data: {} }", "shop.volumes.data is empty; give one of emptyDir, configMap, secret, claim"],
  [
    "volumes: { data: { hostPath: { path: / } } }",
    "shop.volumes.data.hostPath is not a known key; there is emptyDir, configMap, secret, claim",
  ],
  [
    "volumes: { data: { emptyDir: {}, claim: { name: x } } }",
    "shop.volumes.data.claim does not go with what stands beside it; keep one of them",
  ],
  ["volumes: { tmp: { emptyDir: {} } }", "shop.volumes.tmp has a name that the pod uses already; choose another"],
  [
    "volumes: { data: { emptyDir: { sizeLimit: big } } }",
    'shop.volumes.data.emptyDir.sizeLimit is "big"; use a Kubernetes quantity such as 250m (CPU) or 512Mi (memory)',
  ],
  ["mounts: [{ volume: data, path: /data }]", 'shop.mounts[0].volume is "data", which is not under `volumes`'],
  [
    "volumes: { data: { emptyDir: {} } }, mounts: [{ volume: data, path: data }]",
    `shop.mounts[0].path is "data"; use an absolute path without ':', . or .. that does not end with '/'`,
  ],
  [
    "volumes: { data: { emptyDir: {} } }, mounts: [{ volume: data, path: /../etc }]",
    `shop.mounts[0].path is "/../etc"; use an absolute path without ':', . or .. that does not end with '/'`,
  ],
  [
    "volumes: { data: { emptyDir: {} } }, mounts: [{ volume: data, path: /data/ }]",
    `shop.mounts[0].path is "/data/"; use an absolute path without ':', . or .. that does not end with '/'`,
  ],
  [
    "volumes: { data: { emptyDir: {} } }, mounts: [{ volume: data, path: /tmp }]",
    'shop.mounts[0].path is "/tmp", where something is already; choose another',
  ],
  [
    "config: { files: { etc/shop.conf: a } }",
    `shop.config.files["etc/shop.conf"] has a name that cannot be used: use an absolute path of letters, digits, '_', '.' and '-', without . or ..`,
  ],
  ["config: { files: { /etc/shop.conf: 5 } }", 'shop.config.files["/etc/shop.conf"] is 5; give a text'],
  ["config: { files: { /tmp: a } }", 'shop.config.files["/tmp"] is a folder of every container; choose another'],
  [
    "config: { files: { /etc/a: x, /etc/a/b: x } }",
    'shop.config.files["/etc/a/b"] is below /etc/a, which is a file too; choose another',
  ],
  [
    "config: { files: { /etc/a: x, /etc_a: x } }",
    `shop.config.files["/etc_a"] differs from another one only in '/' and '_', which a ConfigMap cannot tell apart`,
  ],
  ["sidecars: { shop: { image: x } }", "shop.sidecars.shop has a name that the pod uses already; choose another"],
  [
    "sidecars: { istio-proxy: { image: x } }",
    "shop.sidecars.istio-proxy has a name that the pod uses already; choose another",
  ],
  ["sidecars: { pull: {} }", "shop.sidecars.pull.image is missing; give a text"],
  ["initContainers: { pull: { image: x, command: sh } }", 'shop.initContainers.pull.command is "sh"; give a list'],
];

/** All that the service `shop` has. */
export const ofImage: readonly Row[] = [
  ["", "shop has neither `image` nor `versions`; give one of them"],
  ["imgae: s:1", 'shop.imgae is not a known key; did you mean "image"?'],
  ["image: 5", "shop.image is 5; give a text"],
  [
    "image: S:1",
    'shop.image is "S:1"; use an image reference such as registry/name:tag or name@sha256:<64 hex digits>',
  ],
  [
    "image: s:1:2",
    'shop.image is "s:1:2"; use an image reference such as registry/name:tag or name@sha256:<64 hex digits>',
  ],
  ["image:", "shop.image is null; give a text"],
  ["image: s:1, stable: v1", "shop.stable needs `versions`; this service has one `image`"],
  ["image: s:1, canary: { version: v2 }", "shop.canary needs `versions`; this service has one `image`"],
  ["versions: {}", "shop.versions is empty; name at least one version"],
  ["versions: { v1: {} }", "shop.versions.v1.image is missing; give a text"],
  ["versions: { V1: { image: s:1 } }", "shop.versions.V1 has a name that cannot be used: use a short name such as v2"],
  [
    "versions: { vvvvvvvvvvvvvvvvvvvvv: { image: s:1 } }",
    "shop.versions.vvvvvvvvvvvvvvvvvvvvv has a name that cannot be used: use a short name such as v2",
  ],
  ["versions: [v1, v2]", "shop.versions is a list; give a map"],
  [
    "versions: { v1: { image: s:1, port: 80 } }",
    "shop.versions.v1.port is not a known key; there is image, imagePullPolicy, replicas, env",
  ],
];

/** In the service `shop`, beside its versions v1 and v2. */
export const ofRelease: readonly Row[] = [
  ["image: s:3, stable: v1", "shop.image stands beside `versions`; keep one of the two"],
  ["port: 80", "shop.stable is missing; name the version that users get: v1, v2"],
  ["stable: v3", 'shop.stable is "v3", which is not under `versions`; did you mean "v1"?'],
  ["stable: 1", "shop.stable is 1; give a text"],
  ["stable: v1, canary: { weight: 5 }", "shop.canary.version is missing; give a text"],
  [
    "stable: v1, canary: { version: v3, weight: 5 }",
    'shop.canary.version is "v3", which is not under `versions`; did you mean "v2"?',
  ],
  [
    "stable: v1, canary: { version: v1, weight: 5 }",
    "shop.canary.version is the stable version; name another one, or remove `canary`",
  ],
  ["stable: v1, canary: v2", 'shop.canary is "v2"; give a map'],
  ["stable: v1, canary: { version: v2, wieght: 5 }", 'shop.canary.wieght is not a known key; did you mean "weight"?'],
  ["stable: v1, canary: { version: v2, weight: 100.5 }", "shop.canary.weight is 100.5; give a whole number"],
  ["stable: v1, canary: { version: v2, weight: 101 }", "shop.canary.weight is 101; the most is 100"],
  ["stable: v1, canary: { version: v2, weight: -1 }", "shop.canary.weight is -1; the least is 0"],
  ["stable: v1, canary: { version: v2, weight: '5' }", 'shop.canary.weight is "5"; give a number'],
  ["stable: v1, canary: { version: v2, weight: 5% }", 'shop.canary.weight is "5%"; give a number without a unit, 5'],
  ["stable: v1, canary: { version: v2, weight: .nan }", "shop.canary.weight is .nan; give a number"],
  [
    "stable: v1, canary: { version: v2, weight: 010 }",
    "shop.canary.weight is one value to Pulumi and another one to other readers of YAML; write a plain number, or put it in quotes",
  ],
  [
    "stable: v1, canary: { version: v2, weights: { v1: 95, v2: 5 } }",
    'shop.canary.weights is not a known key; did you mean "weight"?',
  ],
  [
    "stable: v1, canary: { version: v2, testers: { header: test user } }",
    `shop.canary.testers.header is "test user"; use a header name: letters, digits and '-'`,
  ],
  [
    "stable: v1, canary: { version: v2, testers: { header: testuser, regex: '(' } }",
    'shop.canary.testers.regex is "("; it is no RE2 expression: missing closing ): `(`',
  ],
  [
    "stable: v1, canary: { version: v2, testers: { header: testuser, regex: '(?=a)' } }",
    'shop.canary.testers.regex is "(?=a)"; it is no RE2 expression: invalid or unsupported Perl syntax: `(?=`',
  ],
  [
    "stable: v1, canary: { version: v2, testers: { header: testuser, regex: '' } }",
    'shop.canary.testers.regex is ""; the least is 1 character',
  ],
  ["stable: v1, canary: { version: v2, testers: testuser }", 'shop.canary.testers is "testuser"; give a map'],
  ["stable: v1, replicas: 0", "shop.replicas is 0, and users or testers get version v1; give it at least 1"],
];

/** In a cluster of kind `eks` that is right otherwise; what is said begins with `ftgo:`. */
export const ofCluster: readonly Row[] = [
  ["region: Frankfurt", 'cluster.region is "Frankfurt"; use an AWS region such as eu-central-1'],
  [
    "region: us-east-1",
    "services.shop.expose.certificateArn is of region eu-central-1, and the cluster is in us-east-1; name a certificate of that region",
  ],
  ["zones: a", 'cluster.zones is "a"; give a list'],
  ["zones: [a]", "cluster.zones is a list; the least is 2 entries"],
  ["zones: [a, a]", 'cluster.zones[1] is "a" again; name it once'],
  ["zones: [eu-central-1a, b]", 'cluster.zones[0] is "eu-central-1a"; use the letter of a zone, a to f'],
  ["name: FTGO", `cluster.name is "FTGO"; use up to 39 lower-case letters, digits and '-'`],
  ["version: 1.36", "cluster.version is 1.36; give a text"],
  ["version: '36'", 'cluster.version is "36"; use a Kubernetes minor version in quotes, such as "1.36"'],
  ["admins: []", "cluster.admins is a list; the least is 1 entry"],
  [
    "admins: ['arn:aws:iam::123456789012:root']",
    'cluster.admins[0] is "arn:aws:iam::123456789012:root"; use the ARN of an IAM role or user, arn:aws:iam::<account>:role/<name>, not that of a session',
  ],
  [
    "vpcCidr: 10.0.0.0/33",
    'cluster.vpcCidr is "10.0.0.0/33"; use a CIDR block that starts at its first address, such as 203.0.113.0/24, or 203.0.113.7/32 for one address',
  ],
  [
    "vpcCidr: 10.0.0.1/16",
    'cluster.vpcCidr is "10.0.0.1/16"; use a CIDR block that starts at its first address, such as 203.0.113.0/24, or 203.0.113.7/32 for one address',
  ],
  ["vpcCidr: 10.0.0.0/8", 'cluster.vpcCidr is "10.0.0.0/8"; a VPC here has a size from /16 to /18'],
  [
    "endpoint: { publicCidrs: [0.0.0.0/0] }",
    'cluster.endpoint.publicCidrs[0] is "0.0.0.0/0", which opens the API server to everybody; list the blocks that you work from',
  ],
  ["nodes: { min: 3, max: 2 }", "cluster.nodes.max is 2; it must not be less than min, 3"],
  [
    "nodes: { instanceTypes: [large] }",
    'cluster.nodes.instanceTypes[0] is "large"; use an EC2 instance type such as t3.large',
  ],
  ["nat: none", 'cluster.nat is "none"; give one of single, perZone'],
  [
    "logs: { retentionDays: 8 }",
    "cluster.logs.retentionDays is 8; give one of 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365",
  ],
  ["encryption: true", "cluster.encryption is true; give a map"],
  [
    "addOnVersions: { cordns: v1.14.3-eksbuild.1 }",
    'cluster.addOnVersions.cordns is not a known key; did you mean "coredns"?',
  ],
];

/** Command lines. There is a stack `mine`, with services `restaurant`, of one image, and `consumer`, with a canary. */
export const commands: readonly (readonly [args: string | readonly string[], said: string])[] = [
  ["upp", "unknown command 'upp'\n(Did you mean up?)"],
  ["config chek", "unknown command 'chek'\n(Did you mean check?)"],
  ["local stat", "unknown command 'stat'\n(Did you mean start?)"],
  ["up --sack mine", "unknown option '--sack'\n(Did you mean --stack?)"],
  ["up --no-refersh -s mine", "unknown option '--no-refersh'\n(Did you mean --no-refresh?)"],
  ["up now -s mine", "too many arguments for 'up'. Expected 0 arguments but got 1."],
  ["up -s", "option '-s, --stack <name>' argument missing"],
  ["up -s mime", 'there is no stacks/Pulumi.mime.yaml, so no stack "mime"; did you mean "mine"?'],
  ["up -s Mine", 'there is no stacks/Pulumi.Mine.yaml, so no stack "Mine"; did you mean "mine"?'],
  ["up -s local", "stacks/Pulumi.local.yaml is not there yet; `npx ftgo local start` makes it"],
  ["up -s org/mine", `"org/mine" is no name of a stack; use letters, digits, '_', '.' and '-', as in stacks/`],
  [
    "up -s ../stacks/mine",
    `"../stacks/mine" is no name of a stack; use letters, digits, '_', '.' and '-', as in stacks/`,
  ],
  ["up --stack=", `"" is no name of a stack; use letters, digits, '_', '.' and '-', as in stacks/`],
  ["up -s dev -s mine", "option '-s, --stack <name>' says again what one before it has said; give one of them"],
  ["up -s mine", "stack mine is changed only when that is confirmed, and nobody is here to ask; give --yes"],
  ["destroy -s mine", "stack mine is changed only when that is confirmed, and nobody is here to ask; give --yes"],
  ["promote -s mine", "missing required argument 'service'"],
  ["promote consumr --weight 5 -s mine", 'there is no service "consumr"; did you mean "consumer"?'],
  [
    "promote ftgo-consumer-service --weight 5 -s mine",
    'there is no service "ftgo-consumer-service"; did you mean "consumer"?',
  ],
  ["promote constructor --weight 5 -s mine", 'there is no service "constructor"; there is restaurant, consumer'],
  ["promote consumer 5 -s mine", "too many arguments for 'promote'. Expected 1 argument but got 2."],
  ["promote consumer -s mine", "nothing to promote to; give --weight, --testers or --no-testers"],
  ["promote consumer -s mine --weight", "option '-w, --weight <percent>' argument missing"],
  ...["101", "2.5", "-5", "NaN", "1e2", "5%", "0x5", ""].map(
    (weight) =>
      [
        ["promote", "consumer", "-s", "mine", "--weight", weight],
        `option '-w, --weight <percent>' argument '${weight}' is invalid. give a whole number from 0 to 100`,
      ] as const,
  ),
  [
    "promote consumer --weight 5 --weight 6 -s mine",
    "option '-w, --weight <percent>' says again what one before it has said; give one of them",
  ],
  [
    "promote consumer --testers testuser --no-testers -s mine",
    "option '--no-testers' says again what one before it has said; give one of them",
  ],
  [
    ["promote", "consumer", "--testers", "test user", "-s", "mine"],
    `stacks/Pulumi.mine.yaml${problem("ftgo:services.consumer.canary.testers.header is \"test user\"; use a header name: letters, digits and '-'")}`,
  ],
  [
    "promote consumer --testers testuser=(ann -s mine",
    `stacks/Pulumi.mine.yaml${problem('ftgo:services.consumer.canary.testers.regex is "(ann"; it is no RE2 expression: missing closing ): `(ann`')}`,
  ],
  [
    "promote restaurant --weight 5 -s mine",
    "service restaurant has one image, so there are no versions to move users between; give it `versions`, `stable` and `canary`, then run `ftgo up`",
  ],
  ["rollback consumr -s mine", 'there is no service "consumr"; did you mean "consumer"?'],
  ["config adopt cosumer -s mine", 'there is no service "cosumer"; did you mean "consumer"?'],
  ["manifests cosumer -s mine", 'there is no service "cosumer"; did you mean "consumer"?'],
  ["demo -s mine", "the demo is for stack local alone"],
  [
    "env -s mine",
    "env is for stack local; for stack mine install pulumi and kubectl, and use a shell without the local stack's variables",
  ],
  ["local logs --lines 0", "option '-n, --lines <count>' argument '0' is invalid. give a number of lines, such as 200"],
];
