import { randomBytes, X509Certificate } from "node:crypto";
import { existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { LocalError } from "../errors";
import { makePrivateFolder, writeWhole } from "../files";
import { run } from "../run";
import { gateway, firstServiceAddress } from "./addresses";

/** Paths of the generated keys and certificates; all private, made once per checkout. */
export interface Credentials {
  folder: string;
  caCertificate: string;
  caKey: string;
  serverCertificate: string;
  serverKey: string;
  adminCertificate: string;
  adminKey: string;
  serviceAccountKey: string;
  serviceAccountPublicKey: string;
  /** How the API server encrypts Secrets before it gives them to etcd. */
  encryption: string;
}

/** The identity that a client certificate shows. */
export interface Subject {
  user: string;
  groups: string[];
}

const tenYears = "3650";
const serverNames = [
  "DNS:localhost",
  "DNS:kubernetes",
  "DNS:kubernetes.default",
  "DNS:kubernetes.default.svc",
  "IP:127.0.0.1",
  `IP:${firstServiceAddress}`,
  `IP:${gateway}`,
].join(",");

export function credentialsIn(folder: string): Credentials {
  const path = (name: string) => join(folder, name);
  return {
    folder,
    caCertificate: path("ca.crt"),
    caKey: path("ca.key"),
    serverCertificate: path("server.crt"),
    serverKey: path("server.key"),
    adminCertificate: path("admin.crt"),
    adminKey: path("admin.key"),
    serviceAccountKey: path("service-accounts.key"),
    serviceAccountPublicKey: path("service-accounts.pub"),
    encryption: path("encryption.json"),
  };
}

/** Makes what is missing; what exists is kept, because tokens and stored Secrets depend on it. */
export async function makeCredentials(folder: string): Promise<Credentials> {
  const paths = credentialsIn(folder);
  const complete = join(folder, "complete");
  if (existsSync(complete)) return paths;
  rmSync(folder, { recursive: true, force: true }); // an interrupted attempt: nothing has used it yet
  makePrivateFolder(folder);
  await openssl(folder, [...newKey("ca"), "-x509", "-subj", "/CN=ftgo-local", "-days", tenYears, "-out", "ca.crt"]);
  await sign(folder, "server", "/CN=kube-apiserver", `subjectAltName=${serverNames}`);
  await issueClient(folder, "admin", { user: "ftgo-local-admin", groups: ["system:masters"] });
  await openssl(folder, ["ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", "service-accounts.key"]);
  await openssl(folder, ["ec", "-in", "service-accounts.key", "-pubout", "-out", "service-accounts.pub"]);
  writeWhole(paths.encryption, encryptionConfig());
  writeWhole(complete, "");
  return paths;
}

/**
 * Makes `<name>.key` and `<name>.crt`, a certificate by which the API server knows its bearer as the subject.
 * @param folder that of the credentials; the name may lead out of it
 */
export async function issueClient(folder: string, name: string, subject: Subject): Promise<void> {
  const groups = subject.groups.map((group) => `/O=${group}`).join("");
  await sign(folder, name, `${groups}/CN=${subject.user}`, "extendedKeyUsage=clientAuth");
}

/**
 * Sees to it that this machine's clock is one at which the certificates are valid: with one that was set back to before they
 * were made, nothing in the cluster would answer, and nothing would say why.
 * @throws LocalError with both times and what to do
 */
export function requireValid({ caCertificate, serverCertificate }: Credentials, now = new Date()): void {
  const both = [caCertificate, serverCertificate].map((path) => new X509Certificate(readFileSync(path)));
  const from = Math.max(...both.map(({ validFrom }) => Date.parse(validFrom)));
  const to = Math.min(...both.map(({ validTo }) => Date.parse(validTo)));
  if (from <= now.getTime() && now.getTime() < to) return;
  const time = (milliseconds: number) => new Date(milliseconds).toISOString();
  throw new LocalError(
    `The clock of this machine says ${now.toISOString()}; the cluster's certificates are valid from ${time(from)} to ${time(to)}.\n` +
      "Set the clock right, then try again. Nothing was changed.",
  );
}

/** The content of a certificate or key as a kubeconfig holds it. */
export function encoded(path: string): string {
  return readFileSync(path).toString("base64");
}

function newKey(name: string): string[] {
  const curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"];
  return ["req", ...curve, "-nodes", "-keyout", `${name}.key`];
}

async function sign(folder: string, name: string, subject: string, extension: string): Promise<void> {
  const issuer = ["-CA", "ca.crt", "-CAkey", "ca.key", "-days", tenYears];
  await openssl(folder, [
    ...newKey(name),
    "-x509",
    ...issuer,
    "-subj",
    subject,
    "-addext",
    extension,
    "-addext",
    "basicConstraints=critical,CA:FALSE",
    "-out",
    `${name}.crt`,
  ]);
}

async function openssl(folder: string, args: string[]): Promise<void> {
  // The umask keeps keys private from the first byte; openssl itself makes them 0600 too.
  const done = await run("sh", ["-c", 'umask 077; exec openssl "$@"', "openssl", ...args], { cwd: folder });
  if (done.code === undefined || done.code === 127)
    throw new LocalError("The command openssl was not found. Install it: apt-get install openssl");
  if (done.code !== 0) throw new LocalError(`openssl ${args[0] ?? ""} failed:\n${done.stderr}`);
}

function encryptionConfig(): string {
  const key = { name: "generated", secret: randomBytes(32).toString("base64") };
  return JSON.stringify({
    apiVersion: "apiserver.config.k8s.io/v1",
    kind: "EncryptionConfiguration",
    resources: [{ resources: ["secrets"], providers: [{ secretbox: { keys: [key] } }, { identity: {} }] }],
  });
}
