/** docs/configuration.md, made from the table of settings. */
import {
	type ConfigurationPart,
	type ConfigurationRow,
	configurationParts,
	environmentVariables,
	type Key,
	rangeOf,
} from "@signet/core/config";

const INTRODUCTION = `# Configuration

<!-- Made by \`npm run docs\` from packages/core/src/config/table.ts. -->

Everything works without a configuration. What you want otherwise stands in \`agent.yaml\` in the workspace (\`~/.agents\`),
or, where there is none, in \`AGENT.yaml\` or \`config.yaml\`: the first that is there is read alone.

\`\`\`yaml
# every key is optional
embedding:
  provider: ollama
  model: nomic-embed-text
search:
  top_k: 40 # a large workspace
\`\`\`

\`\`\`
signet config list search           # all settings of a section, and where their values come from
signet config get search.top_k      # the value that holds
signet config set search.top_k 40   # into the file; comments, order and everything else stay to the letter
signet config unset search.top_k    # the default again
signet config check                 # what in the file is not used as it stands: line, column, what was meant
signet config set embedding.api_key -   # the value from standard input, where nobody sees it
\`\`\`

These need no daemon, and take \`--json\`. A running daemon takes a change up at once, by whatever program it was made; what
it reads only when it starts is marked.

**What is not right is told, never guessed in silence.** A name that nobody knows, a value of another kind or out of its
range, a setting that another one hides: \`signet config check\`, \`signet doctor\`, \`signet status\`, the log and
\`warnings\` of \`GET /api/status\` say so. A number out of its range becomes the nearest one in it, anything else the default.
What stands in \`auth\` is never replaced: the daemon does not start with what it does not understand there, and says in
which line that is.

**A file that breaks while the daemon runs changes nothing.** The settings from before stay in force, with file, line and
column in the same places, until it is mended.

**Files of the earlier daemon mean what they meant.** They are read as YAML 1.2; where they are none, since that daemon
wrote texts without escaping them, line by line as it did. It reads what \`signet config set\` writes. Older names of
settings hold where the newer one is absent; \`signet config set\` changes a setting under the name that it has.
`;

/** The page. */
export function configurationPage(): string {
	return `${[
		INTRODUCTION,
		...configurationParts()
			.filter(({ rows }) => rows.length > 0)
			.map(partText),
		environmentText(),
	].join("\n")}`;
}

function partText({ name, description, elsewhere, rows }: ConfigurationPart): string {
	const heading = name === "" ? "## Alone" : `## \`${name}\``;
	const places = elsewhere.map((place) => `\`${place}\``).join(" or ");
	const older = places && ` May also stand as ${places}; the first of them that is there is read alone.`;
	const hasOlderNames = rows.some((row) => ownAliases(row).length > 0);
	const head = ["setting", "takes", "default", "", ...(hasOlderNames ? ["older names"] : [])];
	const lines = rows.map((row) => [
		`\`${row.below.join(".")}\``,
		takes(row.key),
		defaultOf(row.key),
		describe(row),
		...(hasOlderNames ? [ownAliases(row).join(", ")] : []),
	]);
	return `${heading}\n\n${description}${older}\n\n${table(head, lines)}`;
}

function environmentText(): string {
	const lines = environmentVariables.map(({ name, default: value, description }) => [
		`\`${name}\``,
		value,
		description,
	]);
	return `## Environment\n\n${table(["variable", "default", ""], lines)}`;
}

function describe({ key, hasEffect }: ConfigurationRow): string {
	const { environment } = key;
	const parts = [`${key.description}.`];
	if (environment)
		parts.push(`\`${environment.name}\` ${environment.beatsFile ? "wins" : "serves where it is absent"}.`);
	if (key.isReadAtStart) parts.push("Read at the start.");
	if (!hasEffect) parts.push("_No effect yet._");
	return parts.join(" ");
}

function takes(key: Key): string {
	switch (key.kind) {
		case "number":
			return key.isWhole ? `whole, ${rangeOf(key)}` : rangeOf(key);
		case "flag":
			return "`true`, `false`";
		case "text":
			return "text";
		case "choice":
			return key.choices.map((each) => `\`${each}\``).join(", ");
		case "texts":
			return "list of texts";
		case "flags":
			return "names with `true` or `false`";
		case "anything":
			return "anything";
	}
}

function defaultOf({ default: value, defaultNote }: Key): string {
	if (defaultNote) return defaultNote;
	if (value === undefined || value === "" || typeof value === "object") return "";
	return `\`${value}\``;
}

/** Older names under the section; those of the whole section are said once. */
function ownAliases({ key }: ConfigurationRow): string[] {
	return (key.aliases ?? []).map((alias) => (alias.startsWith("/") ? `\`${alias.slice(1)}\` outside` : `\`${alias}\``));
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
	const all = [head, ...rows];
	const widths = head.map((_title, at) => Math.max(...all.map((row) => Bun.stringWidth(row[at] ?? ""))));
	const line = (cells: readonly string[]) =>
		`| ${cells.map((cell, at) => cell + " ".repeat((widths[at] ?? 0) - Bun.stringWidth(cell))).join(" | ")} |`;
	return `${[line(head), line(widths.map((width) => "-".repeat(width))), ...rows.map(line)].join("\n")}\n`;
}
