const TAGS = ["login", "users", "courses", "lessons", "homework", "ai", "pronunciation", "ai-sessions", "avatars", "notifications", "admin"];
const place = (tag) => (TAGS.includes(tag) ? TAGS.indexOf(tag) : TAGS.length);

// The page's own player asks for the address once more, by GET and without the token: it would play nothing.
const played = new WeakMap();
const addressOf = (sound) => {
  if (!played.has(sound)) played.set(sound, URL.createObjectURL(sound));
  return played.get(sound);
};
const player = () => ({
  wrapComponents: {
    responseBody:
      (Body, { React: { createElement } }) =>
      (props) =>
        props.content instanceof Blob && /^audio\//.test(props.contentType ?? "")
          ? createElement("audio", { controls: true, src: addressOf(props.content) })
          : createElement(Body, props),
  },
});

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
  plugins: [player],
});
