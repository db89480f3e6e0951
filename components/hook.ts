import { AsyncResource } from "node:async_hooks";
import * as pulumi from "@pulumi/pulumi";

/**
 * A hook that runs as part of its program. By itself it would be called outside, where the SDK knows neither the stack nor the
 * engine of a program that a script runs: warnings would pass its progress by.
 */
export function hook(
  name: string,
  callback: pulumi.ResourceHookFunction,
  opts?: pulumi.ResourceHookOptions,
): pulumi.ResourceHook {
  return new pulumi.ResourceHook(name, AsyncResource.bind(callback), opts);
}
