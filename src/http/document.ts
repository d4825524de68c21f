import type { routes } from "./env.ts";

const ABOUT = `Uzbek speakers learn English: spoken and written homework that is transcribed, graded and commented in the
background and settled by a teacher.

**Lists** are JSON arrays, paged by \`skip\` and \`limit\` (100 at most) or by the \`Link\` header's \`cursor\`.
**Errors** are problem documents (RFC 9457) whose \`detail\` is one sentence, in Uzbek or, by \`Accept-Language: en\`, in
English; every \`code\` is explained at [/docs/errors](/docs/errors).
**Times** are ISO 8601 in UTC. **Authorize** with the form on the right: username is the e-mail.`;

/** Built from the root, so paths are absolute, and shown in the guide's spelling rather than the router's. */
export function document(app: ReturnType<typeof routes>, version: string) {
  app.openAPIRegistry.registerComponent("securitySchemes", "bearer", {
    type: "oauth2",
    flows: { password: { tokenUrl: "/api/v1/login/access-token", scopes: {} } },
  });
  const { paths = {}, ...rest } = app.getOpenAPI31Document({
    openapi: "3.1.0",
    servers: [{ url: "/" }],
    info: { title: "Oʻquv platformasi", version, description: ABOUT },
  });
  const spelled: [string, object][] = Object.entries(paths).map(([path, item]) => {
    const operations = Object.values(item).filter((part) => part && typeof part === "object" && "x-path" in part);
    // Bodies that are read by hand: to the router none of their types is required, to the caller one is.
    for (const { requestBody } of operations) if (requestBody) requestBody.required = true;
    const [operation] = operations;
    return [operation ? `/api/v1${operation["x-path"]}` : path, item];
  });
  // Two methods of one path may be spelled in two registrations.
  const merged: Record<string, object> = {};
  for (const [path, item] of spelled) merged[path] = { ...merged[path], ...item };
  return { ...rest, paths: merged };
}
