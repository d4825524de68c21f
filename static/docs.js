const TAGS = ["login", "users", "courses", "lessons", "homework", "notifications", "admin"];
const place = (tag) => (TAGS.includes(tag) ? TAGS.indexOf(tag) : TAGS.length);

SwaggerUIBundle({
  url: "/api/v1/openapi.json",
  dom_id: "#swagger-ui",
  deepLinking: true,
  displayRequestDuration: true,
  tryItOutEnabled: true,
  persistAuthorization: false,
  // Null: nothing of ours is sent to a validator elsewhere.
  validatorUrl: null,
  docExpansion: "list",
  defaultModelsExpandDepth: 0,
  defaultModelExpandDepth: 3,
  tagsSorter: (a, b) => place(a) - place(b) || a.localeCompare(b),
  syntaxHighlight: { theme: "idea" },
});
