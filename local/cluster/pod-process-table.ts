/** Set to "true" by the agent while the process of a pod answers; KWOK shows the pod ready for as long. */
export const readyAnnotation = "local.ftgo/ready";

/** The last path segment of the images whose containers have a process of their own. Today only istiod's. */
export const imagesWithProcess = ["pilot"];

/** The program of an image: `docker.io/istio/pilot:1.31.0` is `pilot`. */
export function programOf(image: string): string {
  return /[^:@]+/.exec(image.split("/").at(-1) ?? "")?.[0] ?? "";
}
