import type { Cluster } from "./cluster";
import { ApiError } from "./http-client";
import { withMergedManagers } from "./managed-fields";
import { list, text } from "./wire";
import type { Fields, Value } from "./wire";

/** The manager that a newly created object is first written by, as with the official provider. */
export const creator = "pulumi-kubernetes";

export interface Application {
  cluster: Cluster;
  /** Path of the object. */
  path: string;
  object: Fields;
  fieldManager: string;
  /** Take fields that others manage. */
  force: boolean;
  /** Ask the server what would come of it, and change nothing. */
  dryRun: boolean;
}

/** Server-side apply. A conflict is an Error that names the managers and the fields, and how to take them. */
export async function apply(application: Application): Promise<Fields> {
  const { cluster, path, object, fieldManager, force, dryRun } = application;
  try {
    return await cluster.http.send({
      method: "PATCH",
      path,
      query: { fieldManager, force: String(force), dryRun: dryRun ? "All" : undefined },
      contentType: "application/apply-patch+yaml",
      body: object,
    });
  } catch (error) {
    throw error instanceof ApiError && error.status === 409 ? conflict(error, fieldManager) : error;
  }
}

/** Creates an object that must not exist yet. */
export function create(application: Omit<Application, "force" | "fieldManager">): Promise<Fields> {
  const { cluster, path, object, dryRun } = application;
  const query = { fieldManager: creator, dryRun: dryRun ? "All" : undefined };
  return cluster.http.send({ method: "POST", path, query, body: object });
}

function conflict(error: ApiError, fieldManager: string): Error {
  const causes = list(error.details, "causes").map((cause) => {
    const message = text(cause, "message") ?? "";
    const other = /conflict with "([^"]*)"/.exec(message)?.[1];
    return `${text(cause, "field") ?? "?"} is managed by ${other ? `"${other}"` : message}`;
  });
  if (causes.length === 0) return error;
  return new Error(
    `server-side apply as "${fieldManager}" conflicts with another manager: ${causes.join("; ")}. To take these ` +
      'fields, set the annotation pulumi.com/patchForce: "true"; to leave them to the other manager, remove them from ' +
      "the program or list them in ignoreChanges",
  );
}

/**
 * Makes over to `fieldManager` what was written when the object was created and what was changed with kubectl since,
 * so that the next apply neither conflicts with it nor leaves it behind.
 */
export async function takeOver(cluster: Cluster, path: string, live: Fields, fieldManager: string): Promise<void> {
  const entries = list(live, "metadata", "managedFields");
  const merged = withMergedManagers(entries, fieldManager, isOurs);
  if (!merged) return;
  await cluster.http.send({
    method: "PATCH",
    path,
    contentType: "application/json-patch+json",
    body: [{ op: "replace", path: "/metadata/managedFields", value: merged }],
  });
}

function isOurs(entry: Value): boolean {
  const manager = text(entry, "manager") ?? "";
  if (text(entry, "subresource")) return false;
  if (manager.startsWith("kubectl")) return true;
  return text(entry, "operation") === "Update" && isCreator(manager);
}

function isCreator(manager: string): boolean {
  return manager.startsWith(creator) || manager === "before-first-apply" || manager === "pulumi-resource-kubernetes";
}

/** True while the object still carries what only `takeOver` changes: a dry run has to be forced then. */
export function isFreshlyCreated(live: Fields): boolean {
  return list(live, "metadata", "managedFields").some(
    (entry) => text(entry, "operation") === "Update" && text(entry, "manager") === creator,
  );
}
