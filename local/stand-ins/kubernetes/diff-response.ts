import { DiffResponse, PropertyDiff } from "@pulumi/pulumi/proto/provider_pb";
import type { Changes, ChangeKind } from "./diff";

const { Kind } = PropertyDiff;
const kinds: Record<ChangeKind, { inPlace: PropertyDiff.Kind; replacing: PropertyDiff.Kind }> = {
  add: { inPlace: Kind.ADD, replacing: Kind.ADD_REPLACE },
  delete: { inPlace: Kind.DELETE, replacing: Kind.DELETE_REPLACE },
  update: { inPlace: Kind.UPDATE, replacing: Kind.UPDATE_REPLACE },
};

/** Changes in the form that the engine takes. */
export function diffResponse(changes: Changes): DiffResponse {
  const response = new DiffResponse();
  response.setChanges(changes.paths.size > 0 ? DiffResponse.DiffChanges.DIFF_SOME : DiffResponse.DiffChanges.DIFF_NONE);
  response.setReplacesList(changes.replaces);
  response.setDeletebeforereplace(changes.deleteBeforeReplace);
  response.setDiffsList([...new Set([...changes.paths.keys()].map((path) => /^[^.[]*/.exec(path)?.[0] ?? path))]);
  response.setHasdetaileddiff(true);
  for (const [path, kind] of changes.paths) {
    const property = new PropertyDiff();
    property.setKind(changes.replaces.includes(path) ? kinds[kind].replacing : kinds[kind].inPlace);
    property.setInputdiff(true);
    response.getDetaileddiffMap().set(path, property);
  }
  return response;
}
