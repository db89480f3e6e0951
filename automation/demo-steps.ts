import type { Environment } from "../components/config";
import { findService, finishEdits, promotionEdits } from "./release";
import type { Edit } from "./stack-file";

/** One step of the release that the demo shows: an edit of the stack file, then an update of the one service. */
export interface DemoStep {
  readonly title: string;
  /** The edit in a person's words. */
  readonly says: string;
  readonly edits: (environment: Environment) => Edit[];
}

/** The service that the demo releases. */
export const demoService = "consumer";

const at = (...keys: string[]) => ["services", demoService, ...keys];
const firstImage = "msapatterns/ftgo-consumer-service:latest";
const nextImage = "ftgo-consumer-service:v2";
const testers = { header: "testuser", regex: "^.+$" };

/** The edits that leave the service with v1 alone, from whatever it is now. */
export function startingEdits(environment: Environment): Edit[] {
  const { versions } = findService(environment, demoService);
  const others = versions.flatMap(({ version }) => (version === undefined || version === "v1" ? [] : [version]));
  return [
    { path: at("image"), value: undefined },
    { path: at("versions", "v1", "image"), value: firstImage },
    { path: at("stable"), value: "v1" },
    { path: at("canary"), value: undefined },
    ...others.map((version) => ({ path: at("versions", version), value: undefined })),
  ];
}

/** The five steps of a release: deploy, test, canary, ramp, finish. */
export const demoSteps: readonly DemoStep[] = [
  {
    title: "Deploy v2, without users",
    says: "versions.v2 added, canary: { version: v2, weight: 0 }",
    edits: () => [
      { path: at("versions", "v2"), value: { image: nextImage } },
      { path: at("canary"), value: { version: "v2", weight: 0 } },
    ],
  },
  {
    title: "Test in production",
    says: "canary.testers: { header: testuser, regex: ^.+$ }",
    edits: (environment) => promotionEdits(findService(environment, demoService), { testers }),
  },
  ...[5, 25, 50, 100].map((weight, index) => ({
    title: index === 0 ? "Release to a few users" : index === 1 ? "Ramp up" : "",
    says: `canary.weight: ${weight}`,
    edits: (environment: Environment) => promotionEdits(findService(environment, demoService), { weight }),
  })),
  {
    title: "Finish",
    says: "stable: v2, canary gone",
    edits: (environment) => finishEdits(findService(environment, demoService)),
  },
  {
    title: "",
    says: "versions.v1 gone",
    edits: () => [{ path: at("versions", "v1"), value: undefined }],
  },
];
