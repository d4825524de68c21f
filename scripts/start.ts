import { setup } from "./setup.ts";

// Installs what is missing, then serves, in this one process: whoever ends it ends the server.
await setup({ production: true });
await import("../src/main.ts");
