import http from "node:http";
import https from "node:https";

/** Status code of a GET; undefined when nobody answers in a second. The certificate is not looked at: health only. */
export function statusOf(url: string): Promise<number | undefined> {
  const options = { rejectUnauthorized: false, timeout: 1000, agent: false } as const;
  return new Promise((resolve) => {
    const get = url.startsWith("https:") ? https.get : http.get;
    const request = get(url, options, (response) => {
      response.resume();
      resolve(response.statusCode);
    });
    request.on("timeout", () => request.destroy());
    request.on("error", () => resolve(undefined));
  });
}
