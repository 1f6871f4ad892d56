import { ExitCode } from "@signet/core";
import { VERSION } from "@signet/daemon/runtime";
import { Command, CommanderError } from "commander";
import type { BenchOptions } from "../commands/bench.ts";
import type { ListOptions } from "../commands/browse.ts";
import type { DoctorOptions } from "../commands/doctor.ts";
import type { EditOptions } from "../commands/edit.ts";
import type { ExportOptions } from "../commands/export.ts";
import type { ForgetOptions } from "../commands/forget.ts";
import type { HistoryOptions } from "../commands/history.ts";
import type { ImportOptions } from "../commands/import.ts";
import type { LifecycleOptions } from "../commands/lifecycle.ts";
import type { LogsOptions } from "../commands/logs.ts";
import type { TagOptions } from "../commands/mark.ts";
import type { RecallOptions } from "../commands/recall.ts";
import type { RecoverOptions } from "../commands/recover.ts";
import type { RememberOptions } from "../commands/remember.ts";
import { type CommonOptions, typed } from "../environment.ts";
import { CommandError } from "../failure.ts";
import { describeAuth } from "./auth.ts";
import { describeConfig } from "./config.ts";
import { filtered, fraction, limitOption, positiveNumber, reasonOption, wholeNumber, yesOption } from "./options.ts";
import { describeSecret } from "./secret.ts";
import { describeSecretUse } from "./secret-use.ts";
import { describeService } from "./service.ts";
import { describeUpdate } from "./update.ts";

const EXIT_STATUSES = `
Exit status: 0 done, 1 failed, 2 wrong usage, 3 the daemon is not running, 4 not allowed, 5 not found, 6 conflict.

Environment: SIGNET_PATH (the workspace, default ~/.agents), SIGNET_HOST and SIGNET_PORT (where the daemon listens,
default localhost 3850), SIGNET_DAEMON_URL (a daemon by its address), SIGNET_TOKEN (who asks, where a daemon wants to
know), NO_COLOR.`;

/** Run the command line; resolves to the exit status: one of ours, or that of a command that was run with secrets. */
export async function runProgram(args: readonly string[]): Promise<number> {
	let exitCode: number = ExitCode.ok;
	const program = describeProgram((code) => {
		exitCode = code;
	});
	if (args.length === 0) {
		program.outputHelp();
		return ExitCode.ok;
	}
	try {
		await program.parseAsync([...args], { from: "user" });
		return exitCode;
	} catch (error) {
		if (!(error instanceof CommanderError)) throw error;
		if (error.exitCode === 0) return ExitCode.ok;
		// The help of a group of commands, which was shown in the place of doing something.
		if (error.code === "commander.help") return ExitCode.usage;
		throw new CommandError(
			error.message.replace(/^error: /, ""),
			ExitCode.usage,
			`See \`${typed(["", ...commandNamed(program, args), "--help"].join(" ").trim())}\`.`,
		);
	}
}

/** The words of a command line that name a command. */
function commandNamed(parent: Command, [word, ...rest]: readonly string[]): string[] {
	const command = parent.commands.find((each) => each.name() === word);
	return command ? [command.name(), ...commandNamed(command, rest)] : [];
}

function describeProgram(done: (code: number) => void): Command {
	const program = new Command("signet")
		.description("Memory and identity for AI coding agents, kept by their owner.")
		.version(VERSION, "-V, --version", "show the version")
		.helpOption("-h, --help", "show this, or the help of a command")
		.addHelpText("after", EXIT_STATUSES)
		.exitOverride()
		// Mistakes are told as all that goes wrong is, to programs as JSON.
		.configureOutput({ outputError: () => undefined })
		.showSuggestionAfterError();

	const common = (command: Command) =>
		command.exitOverride().option("--path <folder>", "another workspace").option("--json", "answer as JSON");
	const command = (usage: string, description: string, parent = program) =>
		common(parent.command(usage).description(description));
	const asking = (usage: string, description: string, parent = program) =>
		command(usage, description, parent).option("--url <address>", "another daemon");

	command("start", "start the daemon in the background, by the service manager where it is a service")
		.option("--force", "even if it failed again and again lately")
		.action(async (options: LifecycleOptions) => {
			done(await (await import("../commands/lifecycle.ts")).start(options));
		});
	command("stop", "stop the daemon")
		.option("--force", "kill it if it does not end")
		.action(async (options: LifecycleOptions) => {
			done(await (await import("../commands/lifecycle.ts")).stop(options));
		});
	command("restart", "stop the daemon and start it again")
		.option("--force", "kill it if it does not end, start it even if it failed again and again lately")
		.action(async (options: LifecycleOptions) => {
			done(await (await import("../commands/lifecycle.ts")).restart(options));
		});
	asking("status", "show whether the daemon runs and what it holds").action(async (options: CommonOptions) => {
		done(await (await import("../commands/status.ts")).status(options));
	});
	program
		.command("daemon")
		.description("run the daemon in the foreground")
		.exitOverride()
		.option("--path <folder>", "another workspace")
		.option("--quiet", "print nothing but problems")
		.option("--force", "start even if that failed again and again lately");
	describeService(program, command, done);

	asking("remember [text...]", "store something; without a text, or with -, what comes in on standard input")
		.option("-w, --who <name>", "who says so", "user")
		.option("-t, --tags <list>", "tags, separated by commas")
		.option("-i, --importance <number>", "from 0 to 1", fraction)
		.option("-p, --project <name>", "the project that it belongs to")
		.option("--type <type>", "fact, preference, decision, rule, ...; guessed from the words")
		.option("--critical", "pin it, with importance 1")
		.option("--revive", "keep it although it was erased for good")
		.action(async (words: string[], options: RememberOptions) => {
			done(await (await import("../commands/remember.ts")).remember(words, options));
		});
	filtered(asking("recall <question...>", "ask what is known"))
		.addOption(limitOption(10))
		.option("--min-score <number>", "leave out what scores less, from 0 to 1", fraction)
		.option("-C, --context <number>", "so many turns of the same session before and after each", wholeNumber)
		.option("--explain", "show how the answer was found")
		.action(async (words: string[], options: RecallOptions) => {
			done(await (await import("../commands/recall.ts")).recall(words, options));
		});
	filtered(asking("list", "show the newest memories"))
		.addOption(limitOption(20))
		.option("--offset <number>", "how many to pass over", wholeNumber)
		.option("--pinned", "only pinned ones")
		.option("--forgotten", "only forgotten ones, which can be brought back")
		.action(async (options: ListOptions) => {
			done(await (await import("../commands/browse.ts")).list(options));
		});
	asking("show <id>", "show a memory; the beginning of its id is enough").action(
		async (id: string, options: CommonOptions) => {
			done(await (await import("../commands/browse.ts")).show(id, options));
		},
	);
	asking("edit <id>", "change a memory; without anything to change, its text in your editor")
		.option("--content <text>", "what it is to say")
		.option("--type <type>", "fact, preference, decision, rule, ...")
		.option("-t, --tags <list>", "its tags, separated by commas")
		.option("-i, --importance <number>", "from 0 to 1", fraction)
		.addOption(reasonOption("edited on the command line"))
		.action(async (id: string, options: EditOptions) => {
			done(await (await import("../commands/edit.ts")).edit(id, options));
		});
	filtered(asking("forget [id...]", "forget memories, by id or all that the filters choose; asks first"))
		.option("-q, --query <words>", "only what has these words")
		.option("--source-type <type>", "only what came from there")
		.addOption(limitOption(200))
		.option("--force", "pinned ones too")
		.option("--erase", "for good, with history and copies: nothing brings it back")
		.option("--prove", "erase, and look for it in every byte of the workspace afterwards")
		.addOption(reasonOption("forgotten on the command line"))
		.addOption(yesOption())
		.action(async (ids: string[], options: ForgetOptions) => {
			done(await (await import("../commands/forget.ts")).forget(ids, options));
		});
	asking("recover <id...>", "bring forgotten memories back")
		.addOption(reasonOption("recovered on the command line"))
		.action(async (ids: string[], options: RecoverOptions) => {
			done(await (await import("../commands/recover.ts")).recover(ids, options));
		});
	asking("history <id>", "show what happened to a memory, the newest last")
		.addOption(limitOption(20))
		.action(async (id: string, options: HistoryOptions) => {
			done(await (await import("../commands/history.ts")).history(id, options));
		});
	asking("restore <id> <version>", "make a memory again what it was at a version that its history shows")
		.addOption(reasonOption("restored on the command line"))
		.action(async (id: string, version: string, options: RecoverOptions) => {
			done(await (await import("../commands/recover.ts")).restore(id, version, options));
		});
	asking("pin <id...>", "keep memories from being forgotten by mistake").action(
		async (ids: string[], options: CommonOptions) => {
			done(await (await import("../commands/mark.ts")).pin(ids, true, options));
		},
	);
	asking("unpin <id...>", "let them be like all others").action(async (ids: string[], options: CommonOptions) => {
		done(await (await import("../commands/mark.ts")).pin(ids, false, options));
	});
	asking("tag <id> [tags...]", "add tags to a memory")
		.option("--remove <list>", "tags to take away")
		.option("--set <list>", "all the tags that it is to have")
		.action(async (id: string, tags: string[], options: TagOptions) => {
			done(await (await import("../commands/mark.ts")).tag(id, tags, options));
		});
	asking("stats", "count what there is, and the room that it takes").action(async (options: CommonOptions) => {
		done(await (await import("../commands/stats.ts")).stats(options));
	});
	asking(
		"export [path]",
		"write all memories with their past into a folder, or into one file that ends in .zip or .json",
	)
		.option("-o, --output <path>", "the same as the path")
		.action(async (path: string | undefined, options: ExportOptions) => {
			done(await (await import("../commands/export.ts")).exportTo(path ?? options.output, options));
		});
	asking("import [path]", "take in memories from a bundle, or from another program; says what became of each row")
		.option(
			"--from <format>",
			"signet, mcp-memory, mem0, claude-mem, basic-memory, markdown, messages, jsonl; else it is seen",
		)
		.option("--dry-run", "say what would be, and change nothing")
		.option("--revive", "take even what was forgotten or erased here")
		.option("--list", "show what was imported")
		.option("--undo <id>", "take an import back as a whole")
		.addOption(yesOption())
		.action(async (path: string | undefined, options: ImportOptions) => {
			done(await (await import("../commands/import.ts")).importFrom(path, options));
		});
	asking("bench", "measure recall on the memories that are there; changes nothing")
		.option("-n, --questions <number>", "how many questions, at least 10", positiveNumber, 300)
		.option("-c, --clients <number>", "how many ask at the same time", positiveNumber, 10)
		.action(async (options: BenchOptions) => {
			done(await (await import("../commands/bench.ts")).bench(options));
		});
	command("logs", "show the daemon's log of today")
		.option("-n, --lines <number>", "how many entries", wholeNumber, 50)
		.option("-l, --level <level>", "least severity: debug, info, warn, error")
		.option("-c, --category <name>", "only one category")
		.option("-f, --follow", "go on showing what is logged")
		.action(async (options: LogsOptions) => {
			done(await (await import("../commands/logs.ts")).logs(options));
		});
	const model = program
		.command("model")
		.description("the models that make vectors on this machine (embedding.provider: local)")
		.exitOverride();
	const ofModel = (usage: string, description: string) => common(model.command(usage).description(description));
	ofModel("list", "show which there are, and which are here").action(async (options: CommonOptions) => {
		done(await (await import("../commands/model.ts")).list(options));
	});
	ofModel("pull [name]", "download one and verify it; without a name, the one that is configured").action(
		async (name: string | undefined, options: CommonOptions) => {
			done(await (await import("../commands/model.ts")).pull(name, options));
		},
	);
	ofModel("remove <name>", "remove one that was downloaded").action(async (name: string, options: CommonOptions) => {
		done(await (await import("../commands/model.ts")).remove(name, options));
	});
	command("doctor", "check the workspace, who can get at it, the database and the daemon")
		.option("--fix", "mend what can be mended without asking")
		.action(async (options: DoctorOptions) => {
			done(await (await import("../commands/doctor.ts")).doctor(options));
		});
	describeAuth(program, asking, done);
	describeUpdate(program, command, done);
	describeConfig(program, command, done);
	describeSecretUse(describeSecret(program, command, done), asking, done);
	return program;
}
