import { type Route, shares } from "../components/config";

/** Which version users and testers of a service get. */
export interface Audience {
  /** Share of user requests by version, in percent; versions without a share are left out. */
  readonly weights: Readonly<Record<string, number>>;
  /** Requests that get one version whatever the weights are. */
  readonly testers?: { readonly header: string; readonly regex: string; readonly version: string };
}

/** What a service's config says of its users. */
export function toAudience(route: Route): Audience {
  const { canary } = route;
  const weights = Object.fromEntries(shares(route));
  return canary?.testers ? { weights, testers: { ...canary.testers, version: canary.version } } : { weights };
}

/** One sentence: `95 % v1, 5 % v2; testers (testuser: ^.+$) get v2`. */
export function describeAudience({ weights, testers }: Audience): string {
  const shares = Object.entries(weights).map(([version, share]) => `${share} % ${version}`);
  const users =
    shares.length === 1 ? `all users get ${Object.keys(weights)[0] ?? ""}` : `users get ${shares.join(", ")}`;
  return testers ? `${users}; testers (header ${testers.header}: ${testers.regex}) get ${testers.version}` : users;
}
