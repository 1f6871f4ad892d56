import { join } from "node:path";
import { demandPlain, environmentOf, type ServicePlan } from "./service-plan.ts";

export const LAUNCHD_LABEL = "ai.signet.daemon";
/** Longer than the daemon takes at most to end. */
const STOP_S = 30;
const UMASK = 0o077;

/** The property list of the daemon, for the launchd of a user. */
export function launchdAgent(plan: ServicePlan): string {
	demandPlain(plan);
	const { command, paths } = plan;
	const entries: readonly (readonly [key: string, value: string])[] = [
		["Label", string(LAUNCHD_LABEL)],
		["ProgramArguments", `<array>\n${command.map((each) => `\t\t${string(each)}`).join("\n")}\n\t</array>`],
		[
			"EnvironmentVariables",
			`<dict>\n${environmentOf(plan)
				.map(([name, value]) => `\t\t<key>${escaped(name)}</key>\n\t\t${string(value)}`)
				.join("\n")}\n\t</dict>`,
		],
		["WorkingDirectory", string(paths.root)],
		["StandardOutPath", string(join(paths.logFolder, "daemon.out.log"))],
		["StandardErrorPath", string(join(paths.logFolder, "daemon.err.log"))],
		["RunAtLoad", "<true/>"],
		["KeepAlive", "<dict>\n\t\t<key>SuccessfulExit</key>\n\t\t<false/>\n\t</dict>"],
		["ExitTimeOut", `<integer>${STOP_S}</integer>`],
		["Umask", `<integer>${UMASK}</integer>`],
	];
	return `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0">
<!-- Written by \`signet service install\`, which writes it anew. -->
<dict>
${entries.map(([key, value]) => `\t<key>${key}</key>\n\t${value}`).join("\n")}
</dict>
</plist>
`;
}

/** The workspace that an agent serves, whoever wrote it. */
export function workspaceOfAgent(text: string): string | undefined {
	const [, path] = /<key>SIGNET_PATH<\/key>\s*<string>([^<]*)<\/string>/.exec(text) ?? [];
	return path?.replace(/&(?:lt|gt|quot|apos|amp);/g, (entity) => ENTITIES[entity] ?? entity);
}

const ENTITIES: Readonly<Record<string, string>> = {
	"&lt;": "<",
	"&gt;": ">",
	"&quot;": '"',
	"&apos;": "'",
	"&amp;": "&",
};

function string(text: string): string {
	return `<string>${escaped(text)}</string>`;
}

function escaped(text: string): string {
	return Bun.escapeHTML(text).replaceAll("&#x27;", "&apos;");
}
