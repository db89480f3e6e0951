import * as pulumi from "@pulumi/pulumi";
import { Provider } from "@pulumi/aws/provider";

/** Tags of everything that a stack makes in AWS; what is left over after a destroy is found by them. */
export function standardTags(): Record<string, string> {
  return { project: pulumi.getProject(), stack: pulumi.getStack() };
}

/** The one provider for all AWS resources of a stack. Credentials come from the environment, the region never does. */
export function awsProvider(region: string): Provider {
  return new Provider("aws", { region, defaultTags: { tags: standardTags() } });
}
