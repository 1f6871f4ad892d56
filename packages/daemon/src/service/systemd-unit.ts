import { join } from "node:path";
import { ExitCode } from "@signet/core";
import { demandPlain, environmentOf, type ServicePlan, writableFoldersOf } from "./service-plan.ts";

/** Longer than the daemon takes at most to end. */
const STOP_S = 30;
/** A local model, a large import and the workspace itself have room; a leak does not take the machine with it. */
const MEMORY_MAX = "2G";

/** The unit of the daemon, for the service manager of a user. */
export function systemdUnit(plan: ServicePlan): string {
	demandPlain(plan);
	const { command, paths, isConfined } = plan;
	return `# Written by \`signet service install\`, which writes it anew. For changes of your own: systemctl --user edit signet
[Unit]
Description=Signet Daemon
After=network.target
# More often than the daemon itself puts up with, so that it is the one who says why.
StartLimitIntervalSec=120
StartLimitBurst=8

[Service]
Type=exec
ExecStart=${commandLine(command)}
${environmentOf(plan)
	.map(([name, value]) => `Environment=${quoted(`${name}=${value}`)}`)
	.join("\n")}
WorkingDirectory=-${specifiersEscaped(paths.root)}
StandardOutput=append:${specifiersEscaped(join(paths.logFolder, "daemon.out.log"))}
StandardError=append:${specifiersEscaped(join(paths.logFolder, "daemon.err.log"))}
Restart=on-failure
RestartSec=500ms
SuccessExitStatus=${ExitCode.restart}
RestartForceExitStatus=${ExitCode.restart}
RestartPreventExitStatus=${ExitCode.usage} ${ExitCode.conflict} ${ExitCode.crashLoop}
TimeoutStopSec=${STOP_S}
KillMode=mixed
OOMPolicy=continue
MemoryMax=${MEMORY_MAX}
UMask=0077
NoNewPrivileges=yes
${isConfined ? confinement(plan) : "# Not confined to its folders: this system does not allow that to the services of a user.\n"}
[Install]
WantedBy=default.target
`;
}

/** The workspace that a unit serves, whoever wrote it. */
export function workspaceOfUnit(text: string): string | undefined {
	for (const [, value = ""] of text.matchAll(/^Environment=(.*)$/gm)) {
		const [, path] = /^"?SIGNET_PATH=(.*?)"?$/.exec(value) ?? [];
		if (path !== undefined) return path.replace(/\\(.)/g, "$1").replaceAll("%%", "%");
	}
	return undefined;
}

/** An ordinary user's services can be confined only with users of their own; "strict" leaves home folders out. */
function confinement(plan: ServicePlan): string {
	const optional = writableFoldersOf(plan).map((folder) => quoted(`-${folder}`));
	return `PrivateUsers=yes
PrivateTmp=yes
ProtectSystem=strict
ProtectHome=read-only
ReadWritePaths=${[quoted(plan.paths.root), ...optional].join(" ")}
`;
}

/** The name of a program may not have every character, and variables are not replaced in it; in its arguments they are. */
function commandLine([program = "", ...args]: readonly string[]): string {
	const isPlain = !/['"\\]/.test(program);
	const start = isPlain
		? [quoted(program)]
		: [quoted("/bin/sh"), quoted("-c"), argument('exec "$0" "$@"'), argument(program)];
	return [...start, ...args.map(argument)].join(" ");
}

function argument(text: string): string {
	return quoted(text).replaceAll("$", "$$$$");
}

function quoted(text: string): string {
	return `"${specifiersEscaped(text).replace(/[\\"]/g, "\\$&")}"`;
}

/** `%` begins the name of something that systemd knows. */
function specifiersEscaped(text: string): string {
	return text.replaceAll("%", "%%");
}
