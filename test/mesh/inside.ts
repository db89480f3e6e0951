import { springRoutes } from "../../components/config/presets";
import type { Platform } from "../engine/platform-lab";
import { type Forward, forwardTo } from "./port-forward";

/** A service that calls others, soon ready. */
export const shop = { image: "ftgo-shop:v1", probes: { readiness: { initialDelaySeconds: 0, periodSeconds: 1 } } };

/** A pod that is no service's, which sends what it is sent on to a service: a caller inside the cluster. */
export class InsidePod {
  private constructor(
    private readonly lab: Platform,
    private readonly name: string,
    private readonly forward: Forward,
  ) {}

  /** Where it takes requests, from this machine. */
  get url(): string {
    return this.forward.url;
  }

  /**
   * Makes it; `/consumers/…` goes to the consumer service, `/restaurants/…` to the gateway, `/teams/…` to the service `shop` of the
   * namespace `team`, all by their names.
   * @param label such as `app=shop`
   * @param account service account that it runs under
   */
  static async make(lab: Platform, name: string, label: string, account = "default"): Promise<InsidePod> {
    const routes = {
      consumers: "http://ftgo-consumer-service:8080",
      restaurants: "http://ftgo-api-gateway",
      teams: "http://shop.team:8080",
    };
    const env = Object.entries(springRoutes(routes)).map((variable) => `--env=${variable.join("=")}`);
    const readinessProbe = { httpGet: { path: "/actuator/health", port: 8080 }, periodSeconds: 1 };
    const spec = { serviceAccountName: account, containers: [{ name, readinessProbe }] };
    const overrides = ["--override-type=strategic", `--overrides=${JSON.stringify({ spec })}`];
    await lab.kubectl("run", name, "--image=ftgo-caller:v1", "--port=8080", `--labels=${label}`, ...overrides, ...env);
    await lab.kubectl("wait", "--for=condition=Ready", `pod/${name}`, "--timeout=2m");
    return new InsidePod(lab, name, await forwardTo(lab, 8080, `pod/${name}`));
  }

  /** The status with which its request is answered. */
  async status(path: string, headers: Record<string, string> = {}): Promise<number> {
    const response = await fetch(`${this.forward.url}${path}`, { headers });
    await response.text();
    return response.status;
  }

  async remove(): Promise<void> {
    this.forward.close();
    await this.lab.kubectl("delete", "pod", this.name, "--grace-period=1", "--wait=false");
  }
}
