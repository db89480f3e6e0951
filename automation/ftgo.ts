/** A command of ours as messages name it: what is pasted has to be for the same stack. */
export function ftgo(command: string, stack: string): string {
  return `\`ftgo ${command}${stack === "local" ? "" : ` --stack ${stack}`}\``;
}
