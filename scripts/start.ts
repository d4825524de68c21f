// Installs what is missing, then serves, in this one process: whoever ends it ends the server.
import "./setup.ts";

await import("../src/main.ts");
