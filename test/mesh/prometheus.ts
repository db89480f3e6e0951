/** One of the series that a query has found, with its newest value. */
export interface Series {
  readonly metric: Readonly<Record<string, string>>;
  readonly value: readonly [time: number, value: string];
}

/** Asks a Prometheus. @param url of the Prometheus @param query in PromQL */
export async function seriesOf(url: string, query: string): Promise<Series[]> {
  const response = await fetch(`${url}/api/v1/query?query=${encodeURIComponent(query)}`);
  return ((await response.json()) as { data: { result: Series[] } }).data.result;
}
