import { accessSync, constants, existsSync, statfsSync, statSync } from "node:fs";
import { basename } from "node:path";
import { concernsAuth, ExitCode, messageOf, parseSettings, type WorkspacePaths } from "@signet/core";
import { checkConfiguration, describeProblem } from "@signet/core/config";
import { VERSION } from "@signet/daemon/runtime";
import { checkDatabase } from "@signet/db";
import { statusAnswer, whoamiAnswer } from "../answers.ts";
import { connect } from "../client.ts";
import { type ConfigText, readConfigText } from "../config-text.ts";
import { checkExposure, checkListening } from "../doctor/exposure.ts";
import type { Finding } from "../doctor/finding.ts";
import { checkPrivateFiles } from "../doctor/private-files.ts";
import { checkSecrets } from "../doctor/secrets.ts";
import { checkTrackedFiles } from "../doctor/tracked-files.ts";
import { type CommonOptions, listenAddress, typed, workspaceOf } from "../environment.ts";
import { CommandError } from "../failure.ts";
import { startRefusal } from "../start-refusal.ts";
import { plural, style } from "../terminal.ts";

const LOW_DISK_BYTES = 500 * 1024 * 1024;

export interface DoctorOptions extends CommonOptions {
	/** `--fix`: mend what can be mended without asking. */
	readonly fix?: boolean;
}

/** `signet doctor [--fix]`: exit status 1 when something is broken. Changes nothing unless it is to mend. */
export async function doctor(options: DoctorOptions): Promise<ExitCode> {
	const paths = workspaceOf(options);
	const atRest = async () => [
		checkWorkspace(paths),
		...checkPrivateFiles(paths),
		...(await checkTrackedFiles(paths)),
		...checkConfigurationFile(paths),
		...checkData(paths),
		checkDisk(paths),
		...(await checkSecrets(options)),
	];
	if (options.fix) mendAll(await atRest(), options);
	const ofDaemon = await checkDaemon(options);
	// Where it does listen counts, not where one that is started from here would.
	const isTold = ({ check, status }: Finding) =>
		status === "ok" && check === "exposure" && ofDaemon.some((other) => other.check === check);
	const findings = [...(await atRest()).filter((finding) => !isTold(finding)), ...ofDaemon];
	if (options.json)
		console.log(
			JSON.stringify(
				{ healthy: !hasFailed(findings), findings: findings.map(({ mend: _, ...finding }) => finding) },
				null,
				2,
			),
		);
	else for (const finding of findings) console.log(describe(finding));
	return hasFailed(findings) ? ExitCode.failure : ExitCode.ok;
}

/** Do what findings offer to do, and say so. */
function mendAll(findings: readonly Finding[], { json }: CommonOptions): void {
	for (const { check, mend } of findings) {
		if (!mend) continue;
		try {
			mend();
			if (!json) console.log(`${style.good("✓")} ${check}: mended`);
		} catch (error) {
			console.error(`${style.error("✗")} ${check}: ${messageOf(error)}`);
		}
	}
}

function hasFailed(findings: readonly Finding[]): boolean {
	return findings.some(({ status }) => status === "fail");
}

function checkWorkspace({ root }: WorkspacePaths): Finding {
	const check = "workspace";
	if (!existsSync(root)) {
		return { check, status: "warn", message: `${root} does not exist yet`, advice: `\`${typed("start")}\` makes it.` };
	}
	if (!statSync(root).isDirectory()) {
		const advice = "Move it away, or set SIGNET_PATH to another workspace.";
		return { check, status: "fail", message: `${root} is no folder`, advice };
	}
	try {
		accessSync(root, constants.R_OK | constants.W_OK | constants.X_OK);
	} catch (error) {
		return {
			check,
			status: "fail",
			message: messageOf(error),
			advice: `Make it yours and writable: chmod -R u+rwX ${root}`,
		};
	}
	return { check, status: "ok", message: root };
}

function checkConfigurationFile(paths: WorkspacePaths): Finding[] {
	const check = "configuration";
	let read: ConfigText;
	try {
		read = readConfigText(paths);
	} catch (error) {
		const advice = "Until then the defaults hold. Make it a file that you can read.";
		return [{ check, status: "fail", message: messageOf(error), advice }];
	}
	const { file, text } = read;
	const settings = parseSettings(text, process.env);
	const exposure = checkExposure(settings, { host: listenAddress().host, text });
	if (file === undefined) return [{ check, status: "ok", message: "none; the defaults hold" }, ...exposure];
	const refusal = startRefusal(settings, file);
	const problems = checkConfiguration(text, process.env).filter(({ key }) => !refusal || !concernsAuth(key.split(".")));
	if (problems.length === 0 && !refusal) return [{ check, status: "ok", message: file }, ...exposure];
	const message = problems.map((problem) => describeProblem(problem, basename(file))).join("\n");
	return [
		...(refusal
			? [{ check, status: "fail", message: refusal, advice: "The daemon does not start with it." } as const]
			: []),
		...(problems.length > 0 ? [{ check, status: "warn", message, advice: `Correct it in ${file}.` } as const] : []),
		...exposure,
	];
}

function checkData({ database }: WorkspacePaths): Finding[] {
	const check = "database";
	if (!existsSync(database)) return [{ check, status: "ok", message: "there is none yet" }];
	return checkDatabase(database).map(({ isSound, message, advice }) => ({
		check,
		status: isSound ? "ok" : "fail",
		message,
		...(advice && { advice }),
	}));
}

function checkDisk({ root }: WorkspacePaths): Finding {
	const { bsize, bavail } = statfsSync(existsSync(root) ? root : ".");
	const free = bsize * bavail;
	const message = `${(free / 1024 ** 3).toFixed(1)} GB free`;
	return free < LOW_DISK_BYTES
		? { check: "disk", status: "warn", message, advice: "Free some space: nothing can be remembered on a full disk." }
		: { check: "disk", status: "ok", message };
}

async function checkDaemon(options: CommonOptions): Promise<Finding[]> {
	const client = connect(options);
	try {
		// A provider shows whether it works when it is asked for something. What is this sure is not known.
		await client.post("/api/memory/recall", { query: "Does everything work?", limit: 1, min_score: 1 });
		const { version, pid, host, embedding, index, configuration, warnings } = statusAnswer.parse(
			await client.get("/api/status"),
		);
		const { mode } = whoamiAnswer.parse(await client.get("/api/auth/whoami"));
		const { problem, model } = embedding.active;
		return [
			...(host === undefined || host === listenAddress().host ? [] : checkListening(host, mode)),
			...(configuration?.isInForce === false
				? [
						{
							check: "settings",
							status: "fail",
							message: warnings[0] ?? `${configuration.file} is not in force`,
							advice: "The daemon takes it up as soon as it is mended.",
						} as const,
					]
				: []),
			version === VERSION
				? { check: "daemon", status: "ok", message: `${client.url}, process ${pid}, version ${version}` }
				: {
						check: "daemon",
						status: "warn",
						message: `it is version ${version}, this program is ${VERSION}`,
						advice: "signet restart",
					},
			problem
				? {
						check: "vectors",
						status: "warn",
						message: `${model}: ${problem}`,
						advice: "Memories are found by their words meanwhile.",
					}
				: {
						check: "vectors",
						status: "ok",
						message: `${model ?? "switched off"}, ${plural(index.documents, "text", "texts")} (a long memory has several)`,
					},
		];
	} catch (error) {
		if (!(error instanceof CommandError)) throw error;
		return [{ check: "daemon", status: "warn", message: error.message, ...(error.advice && { advice: error.advice }) }];
	}
}

function describe({ check, status, message, advice }: Finding): string {
	const mark = { ok: style.good("✓"), warn: style.warn("!"), fail: style.error("✗") }[status];
	const [first = "", ...more] = message.split("\n");
	const lines = [`${mark} ${check.padEnd(14)} ${first}`, ...more.map((line) => `${" ".repeat(17)}${line}`)];
	for (const line of advice?.split("\n") ?? []) lines.push(style.dim(`${" ".repeat(17)}${line}`));
	return lines.join("\n");
}
