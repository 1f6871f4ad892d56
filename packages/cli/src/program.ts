import { ExitCode } from "@signet/core";
import { ROLES, VERSION } from "@signet/daemon/runtime";
import { Command, CommanderError, InvalidArgumentError, Option } from "commander";
import type { TokenCreateOptions, TokenRotateOptions } from "./commands/auth-token.ts";
import type { BenchOptions } from "./commands/bench.ts";
import type { ListOptions } from "./commands/browse.ts";
import type { ConfigListOptions } from "./commands/config.ts";
import type { DoctorOptions } from "./commands/doctor.ts";
import type { EditOptions } from "./commands/edit.ts";
import type { ExportOptions } from "./commands/export.ts";
import type { ForgetOptions } from "./commands/forget.ts";
import type { HistoryOptions } from "./commands/history.ts";
import type { ImportOptions } from "./commands/import.ts";
import type { LifecycleOptions } from "./commands/lifecycle.ts";
import type { LogsOptions } from "./commands/logs.ts";
import type { TagOptions } from "./commands/mark.ts";
import type { RecallOptions } from "./commands/recall.ts";
import type { RecoverOptions } from "./commands/recover.ts";
import type { RememberOptions } from "./commands/remember.ts";
import type { InstallOptions } from "./commands/service.ts";
import type { CommonOptions } from "./environment.ts";
import { describeSecret } from "./secret-commands.ts";
import { describeSecretUse } from "./secret-use-program.ts";

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
		return error.exitCode === 0 ? ExitCode.ok : ExitCode.usage;
	}
}

function describeProgram(done: (code: number) => void): Command {
	const program = new Command("signet")
		.description("Memory and identity for AI coding agents, kept by their owner.")
		.version(VERSION, "-V, --version", "show the version")
		.helpOption("-h, --help", "show this, or the help of a command")
		.addHelpText("after", EXIT_STATUSES)
		.exitOverride()
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
			done(await (await import("./commands/lifecycle.ts")).start(options));
		});
	command("stop", "stop the daemon")
		.option("--force", "kill it if it does not end")
		.action(async (options: LifecycleOptions) => {
			done(await (await import("./commands/lifecycle.ts")).stop(options));
		});
	command("restart", "stop the daemon and start it again")
		.option("--force", "kill it if it does not end, start it even if it failed again and again lately")
		.action(async (options: LifecycleOptions) => {
			done(await (await import("./commands/lifecycle.ts")).restart(options));
		});
	asking("status", "show whether the daemon runs and what it holds").action(async (options: CommonOptions) => {
		done(await (await import("./commands/status.ts")).status(options));
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
			done(await (await import("./commands/remember.ts")).remember(words, options));
		});
	filtered(asking("recall <question...>", "ask what is known"))
		.addOption(limitOption(10))
		.option("--min-score <number>", "leave out what scores less, from 0 to 1", fraction)
		.option("-C, --context <number>", "so many turns of the same session before and after each", wholeNumber)
		.option("--explain", "show how the answer was found")
		.action(async (words: string[], options: RecallOptions) => {
			done(await (await import("./commands/recall.ts")).recall(words, options));
		});
	filtered(asking("list", "show the newest memories"))
		.addOption(limitOption(20))
		.option("--offset <number>", "how many to pass over", wholeNumber)
		.option("--pinned", "only pinned ones")
		.option("--forgotten", "only forgotten ones, which can be brought back")
		.action(async (options: ListOptions) => {
			done(await (await import("./commands/browse.ts")).list(options));
		});
	asking("show <id>", "show a memory; the beginning of its id is enough").action(
		async (id: string, options: CommonOptions) => {
			done(await (await import("./commands/browse.ts")).show(id, options));
		},
	);
	asking("edit <id>", "change a memory; without anything to change, its text in your editor")
		.option("--content <text>", "what it is to say")
		.option("--type <type>", "fact, preference, decision, rule, ...")
		.option("-t, --tags <list>", "its tags, separated by commas")
		.option("-i, --importance <number>", "from 0 to 1", fraction)
		.addOption(reasonOption("edited on the command line"))
		.action(async (id: string, options: EditOptions) => {
			done(await (await import("./commands/edit.ts")).edit(id, options));
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
			done(await (await import("./commands/forget.ts")).forget(ids, options));
		});
	asking("recover <id...>", "bring forgotten memories back")
		.addOption(reasonOption("recovered on the command line"))
		.action(async (ids: string[], options: RecoverOptions) => {
			done(await (await import("./commands/recover.ts")).recover(ids, options));
		});
	asking("history <id>", "show what happened to a memory, the newest last")
		.addOption(limitOption(20))
		.action(async (id: string, options: HistoryOptions) => {
			done(await (await import("./commands/history.ts")).history(id, options));
		});
	asking("restore <id> <version>", "make a memory again what it was at a version that its history shows")
		.addOption(reasonOption("restored on the command line"))
		.action(async (id: string, version: string, options: RecoverOptions) => {
			done(await (await import("./commands/recover.ts")).restore(id, version, options));
		});
	asking("pin <id...>", "keep memories from being forgotten by mistake").action(
		async (ids: string[], options: CommonOptions) => {
			done(await (await import("./commands/mark.ts")).pin(ids, true, options));
		},
	);
	asking("unpin <id...>", "let them be like all others").action(async (ids: string[], options: CommonOptions) => {
		done(await (await import("./commands/mark.ts")).pin(ids, false, options));
	});
	asking("tag <id> [tags...]", "add tags to a memory")
		.option("--remove <list>", "tags to take away")
		.option("--set <list>", "all the tags that it is to have")
		.action(async (id: string, tags: string[], options: TagOptions) => {
			done(await (await import("./commands/mark.ts")).tag(id, tags, options));
		});
	asking("stats", "count what there is, and the room that it takes").action(async (options: CommonOptions) => {
		done(await (await import("./commands/stats.ts")).stats(options));
	});
	asking(
		"export [path]",
		"write all memories with their past into a folder, or into one file that ends in .zip or .json",
	)
		.option("-o, --output <path>", "the same as the path")
		.action(async (path: string | undefined, options: ExportOptions) => {
			done(await (await import("./commands/export.ts")).exportTo(path ?? options.output, options));
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
			done(await (await import("./commands/import.ts")).importFrom(path, options));
		});
	asking("bench", "measure recall on the memories that are there; changes nothing")
		.option("-n, --questions <number>", "how many questions, at least 10", positiveNumber, 300)
		.option("-c, --clients <number>", "how many ask at the same time", positiveNumber, 10)
		.action(async (options: BenchOptions) => {
			done(await (await import("./commands/bench.ts")).bench(options));
		});
	command("logs", "show the daemon's log of today")
		.option("-n, --lines <number>", "how many entries", wholeNumber, 50)
		.option("-l, --level <level>", "least severity: debug, info, warn, error")
		.option("-c, --category <name>", "only one category")
		.option("-f, --follow", "go on showing what is logged")
		.action(async (options: LogsOptions) => {
			done(await (await import("./commands/logs.ts")).logs(options));
		});
	const model = program
		.command("model")
		.description("the models that make vectors on this machine (embedding.provider: local)")
		.exitOverride();
	const ofModel = (usage: string, description: string) => common(model.command(usage).description(description));
	ofModel("list", "show which there are, and which are here").action(async (options: CommonOptions) => {
		done(await (await import("./commands/model.ts")).list(options));
	});
	ofModel("pull [name]", "download one and verify it; without a name, the one that is configured").action(
		async (name: string | undefined, options: CommonOptions) => {
			done(await (await import("./commands/model.ts")).pull(name, options));
		},
	);
	ofModel("remove <name>", "remove one that was downloaded").action(async (name: string, options: CommonOptions) => {
		done(await (await import("./commands/model.ts")).remove(name, options));
	});
	command("doctor", "check the workspace, who can get at it, the database and the daemon")
		.option("--fix", "mend what can be mended without asking")
		.action(async (options: DoctorOptions) => {
			done(await (await import("./commands/doctor.ts")).doctor(options));
		});
	describeAuth(program, asking, done);
	describeUpdate(program, command, done);
	describeConfig(program, command, done);
	describeSecretUse(describeSecret(program, command, done), asking, done);
	return program;
}

/** `signet service …`: the daemon as a service of the system. */
function describeService(
	program: Command,
	command: (usage: string, description: string, parent: Command) => Command,
	done: (code: ExitCode) => void,
): void {
	const service = program
		.command("service")
		.description("have the system run the daemon: systemd on Linux, launchd on macOS")
		.exitOverride();
	command("install", "have it started when you log in, and again when it fails; starts it", service)
		.option("--writable <folder...>", "folders besides its own that it may write to")
		.option("--force", "in place of the service of another workspace")
		.action(async (options: InstallOptions) => {
			done(await (await import("./commands/service.ts")).install(options));
		});
	command("uninstall", "stop it, and have the system know of it no more", service).action(
		async (options: CommonOptions) => {
			done(await (await import("./commands/service.ts")).uninstall(options));
		},
	);
	for (const what of ["start", "stop", "restart"] as const) {
		command(what, `${what} it by the service manager`, service).action(async (options: CommonOptions) => {
			done(await (await import("./commands/service.ts")).act(what, options));
		});
	}
	command("status", "show whether it is installed and runs", service).action(async (options: CommonOptions) => {
		done(await (await import("./commands/service.ts")).status(options));
	});
	command("logs", "show what it printed and logged", service)
		.option("-n, --lines <number>", "how many of each", wholeNumber, 50)
		.option("-f, --follow", "go on showing what is logged")
		.action(async (options: LogsOptions) => {
			done(await (await import("./commands/service.ts")).logs(options));
		});
}

/** `signet update …`: other versions of this program, with or without a daemon. */
function describeUpdate(
	program: Command,
	command: (usage: string, description: string, parent: Command) => Command,
	done: (code: ExitCode) => void,
): void {
	const update = program.command("update").description("have a newer version of this program").exitOverride();
	const load = () => import("./commands/update.ts");
	command("check", "say whether there is one", update).action(async (options: CommonOptions) => {
		done(await (await load()).check(options));
	});
	command("apply [version]", "verify it and put it in use; go back if the daemon does not come up with it", update)
		.alias("install")
		.action(async (version: string | undefined, options: CommonOptions) => {
			done(await (await load()).apply(version, options));
		});
	command("rollback", "go back to the version before", update).action(async (options: CommonOptions) => {
		done(await (await load()).rollback(options));
	});
	command("status", "show what is set, and what lies beside the program", update).action(
		async (options: CommonOptions) => {
			done((await load()).status(options));
		},
	);
	command("enable", "let new versions install themselves", update).action(async (options: CommonOptions) => {
		done(await (await load()).setAutoInstall(true, options));
	});
	command("disable", "install nothing that nobody asked for (the default)", update).action(
		async (options: CommonOptions) => {
			done(await (await load()).setAutoInstall(false, options));
		},
	);
	update
		.command("stage <version>", { hidden: true })
		.exitOverride()
		.option("--json")
		.action(async (version: string, options: CommonOptions) => {
			done(await (await load()).stageOnly(version, options));
		});
}

/** `signet auth …`: who may do what. */
function describeAuth(
	program: Command,
	asking: (usage: string, description: string, parent: Command) => Command,
	done: (code: ExitCode) => void,
): void {
	const auth = program.command("auth").description("who may do what, and the tokens that say so").exitOverride();
	asking("status", "show whom tokens are asked of, and who you are", auth).action(async (options: CommonOptions) => {
		done(await (await import("./commands/auth-status.ts")).authStatus(options));
	});
	const token = auth.command("token").description("make, list and end tokens").exitOverride();
	const ofToken = (usage: string, description: string) => asking(usage, description, token);
	ofToken("create", "make a token; it is shown once")
		.addOption(new Option("--role <role>", "what it may do").choices(ROLES).default("agent"))
		.option("--project <name>", "only memories of this project")
		.option("--agent <name>", "only memories that this agent stores with such a token")
		.option("--user <name>", "only memories that are stored for this user with such a token")
		.option("--sub <name>", "whose it is, for the history")
		.option("--ttl <time>", "how long it is good for: 90d, 12h, 30m, or seconds", seconds)
		.action(async (options: TokenCreateOptions) => {
			done(await (await import("./commands/auth-token.ts")).create(options));
		});
	ofToken("list", "show the tokens that were made").action(async (options: CommonOptions) => {
		done(await (await import("./commands/auth-token.ts")).list(options));
	});
	ofToken("revoke <id...>", "end tokens, by the ids that the list shows").action(
		async (ids: string[], options: CommonOptions) => {
			done(await (await import("./commands/auth-token.ts")).revoke(ids, options));
		},
	);
	ofToken("rotate", "take another key; tokens from before end after the grace")
		.option("--grace <time>", "for how long they are still good: 7d, 12h, 0", seconds, 86_400)
		.addOption(yesOption())
		.action(async (options: TokenRotateOptions) => {
			done(await (await import("./commands/auth-token.ts")).rotate(options));
		});
}

/** `signet config …`: the settings, with or without a daemon. */
function describeConfig(
	program: Command,
	command: (usage: string, description: string, parent: Command) => Command,
	done: (code: ExitCode) => void,
): void {
	const config = program.command("config").description("show and change the settings").exitOverride();
	command("check", "say what in the file is not used as it stands, and where", config).action(
		async (options: CommonOptions) => {
			done((await import("./commands/config.ts")).check(options));
		},
	);
	command("get <key>", "show the value that holds", config).action(async (key: string, options: CommonOptions) => {
		done((await import("./commands/config.ts")).get(key, options));
	});
	command(
		"set <key> <value...>",
		"change a setting in the file; the value - is read from standard input",
		config,
	).action(async (key: string, words: string[], options: CommonOptions) => {
		done(await (await import("./commands/config-change.ts")).set(key, words, options));
	});
	command("unset <key>", "let the default hold again", config).action(async (key: string, options: CommonOptions) => {
		done(await (await import("./commands/config-change.ts")).unset(key, options));
	});
	command("list [section]", "show all settings, their values, and where these come from", config)
		.option("--set", "only those that the file or the environment sets")
		.action(async (section: string | undefined, options: ConfigListOptions) => {
			done((await import("./commands/config.ts")).list(section, options));
		});
}

function filtered(command: Command): Command {
	return command
		.option("--type <type>", "only this type")
		.option("--tags <list>", "only what has all of these tags")
		.option("--who <name>", "only what this one said")
		.option("--project <name>", "only this project")
		.option("--since <time>", "a day or a time")
		.option("--until <time>", "a day or a time");
}

function limitOption(defaultLimit: number): Option {
	return new Option("-l, --limit <number>", "how many").argParser(positiveNumber).default(defaultLimit);
}

function reasonOption(defaultReason: string): Option {
	return new Option("--reason <text>", "why, for its history").default(defaultReason);
}

function yesOption(): Option {
	return new Option("-y, --yes", "do not ask");
}

function wholeNumber(text: string): number {
	const value = Number(text);
	if (!Number.isInteger(value) || value < 0) throw new InvalidArgumentError("It must be a whole number.");
	return value;
}

function positiveNumber(text: string): number {
	const value = Number(text);
	if (!Number.isInteger(value) || value < 1) throw new InvalidArgumentError("It must be a whole number above 0.");
	return value;
}

/** A time such as `90d`, in seconds. */
function seconds(text: string): number {
	const [, amount, unit = "s"] = /^(\d+(?:\.\d+)?)([smhd])?$/.exec(text.trim()) ?? [];
	const length = { s: 1, m: 60, h: 3_600, d: 86_400 }[unit];
	if (amount === undefined || length === undefined) {
		throw new InvalidArgumentError("It must be a time such as 90d, 12h, 30m or 3600.");
	}
	return Number(amount) * length;
}

function fraction(text: string): number {
	const value = Number(text);
	if (text.trim() === "" || !(value >= 0 && value <= 1))
		throw new InvalidArgumentError("It must be a number from 0 to 1.");
	return value;
}
