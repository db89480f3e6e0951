import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { stackFileSchema } from ".";

// `npm run schema`: writes the JSON Schema that editors find by the first line of a stack file.
writeFileSync(join(__dirname, "../../stacks/schema.json"), JSON.stringify(stackFileSchema(), null, 2) + "\n");
