/** Arguments of `pulumi` that give a stack the secrets which config demands. Their value is no secret of anybody's: others see it. */
export function settingSecrets(value: string): string[] {
  const secrets = ["databasePassword", "databaseAdminPassword"].map((key) => `secrets.${key}=${value}`);
  return ["config", "set-all", "--path", ...secrets.flatMap((secret) => ["--secret", secret])];
}
