export { apartIn } from "./apart";
export { bootstrapTemplate } from "./charts";
export { cacheFolder, chartsFolder, obtained } from "./cache";
export type { ToolName } from "./manifest";
export { toolNames, tools } from "./manifest";
export { ensureTools } from "./obtain";
export { onPath } from "./on-path";
