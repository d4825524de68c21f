/** What an expression of PromQL asks for: its metrics with what it says of their labels, and the labels it keeps. */
export type Asked = {
  readonly metrics: { name: string; matchers: { label: string; operator: string; value: string }[] }[];
  readonly kept: string[];
};

const AGGREGATIONS = /\b(?:by|without|on|ignoring|group_left|group_right)\s*\(([^)]*)\)/g;
const SELECTOR = /([a-zA-Z_:][a-zA-Z0-9_:]*)\s*(?:\{([^}]*)\})?(?!\s*\(|[a-zA-Z0-9_:])/g;
const MATCHER = /([a-zA-Z_]\w*)\s*(=~|!~|!=|=)\s*"([^"]*)"/g;
const WORDS = new Set(["and", "or", "unless", "bool", "offset"]);

/** Reads the few parts of PromQL that dashboards and alarms are made of. */
export function readPromql(expression: string): Asked {
  const kept = [...expression.matchAll(AGGREGATIONS)].flatMap(([, labels = ""]) =>
    labels
      .split(",")
      .map((label) => label.trim())
      .filter(Boolean),
  );
  // Ranges like [5m] are no metrics.
  const bare = expression.replaceAll(AGGREGATIONS, " ").replaceAll(/\[[^\]]*\]/g, " ");
  const metrics = [...bare.matchAll(SELECTOR)].flatMap(([, name = "", matchers = ""]) => {
    if (WORDS.has(name)) return [];
    const told = [...matchers.matchAll(MATCHER)].map(([, label = "", operator = "", value = ""]) => {
      return { label, operator, value };
    });
    return [{ name, matchers: told }];
  });
  return { metrics, kept };
}
