import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ExitCode } from "@signet/core";
import { realWorld } from "@signet/core/world";
import { changeEach, findAll, type Memory, showChanges } from "../change.ts";
import { connect } from "../client.ts";
import { type CommonOptions, typed } from "../environment.ts";
import { CommandError } from "../failure.ts";
import { SHORT_ID } from "../find-memory.ts";

export interface EditOptions extends CommonOptions {
	readonly content?: string;
	readonly type?: string;
	readonly tags?: string;
	readonly importance?: number;
	readonly reason: string;
}

/** `signet edit ID`: change a memory; with nothing to change given, its text in an editor. */
export async function edit(id: string, options: EditOptions): Promise<ExitCode> {
	const client = connect(options);
	const memories = await findAll(client, [id]);
	const { content, type, tags, importance, reason } = options;
	const isGiven = [content, type, tags, importance].some((value) => value !== undefined);
	if (isGiven) {
		const patch = { content, type, tags, importance, reason };
		const results = await changeEach(memories, ({ id, version }) =>
			client.patch(`/api/memory/${encodeURIComponent(id)}`, { ...patch, if_version: version }),
		);
		return showChanges(results, "changed", options);
	}
	if (!process.stdin.isTTY) {
		throw new CommandError(
			"There is nothing to change",
			ExitCode.usage,
			`Say what: ${typed(`edit ${id} --content "…"`)}, or --type, --tags, --importance.`,
		);
	}
	const results = await changeEach(memories, async (memory) => {
		const draft = new Draft(memory);
		const text = await draft.edit();
		const answer = await client
			.patch(`/api/memory/${encodeURIComponent(memory.id)}`, { content: text, reason, if_version: memory.version })
			.catch((error: unknown) => {
				console.error(`What you wrote is kept in ${draft.file}`);
				throw error;
			});
		draft.remove();
		return answer;
	});
	return showChanges(results, "changed", options);
}

/** The text of a memory in a file that nobody else can read. */
class Draft {
	readonly #folder = mkdtempSync(join(tmpdir(), "signet-edit-"));
	readonly file: string;

	constructor(private readonly memory: Memory) {
		this.file = join(this.#folder, `memory-${memory.id.slice(0, SHORT_ID)}.md`);
		writeFileSync(this.file, `${memory.content}\n`, { mode: 0o600 });
	}

	/** Let a person change it. Throws when they leave it as it was or empty. */
	async edit(): Promise<string> {
		const editor = (process.env.VISUAL || process.env.EDITOR || "vi").split(/\s+/);
		const code = await realWorld.processes.runInTerminal([...editor, this.file]).catch(() => {
			this.remove();
			throw new CommandError(`${editor.join(" ")} cannot be started`, ExitCode.failure, "Set EDITOR to your editor.");
		});
		const text = readFileSync(this.file, "utf8").trim();
		if (code === 0 && text !== "" && text !== this.memory.content.trim()) return text;
		this.remove();
		if (code !== 0) throw new CommandError("The editor failed, and nothing was changed", ExitCode.failure);
		if (text !== "") throw new CommandError("Nothing was changed", ExitCode.failure);
		throw new CommandError(
			"A memory cannot be empty, and nothing was changed",
			ExitCode.usage,
			`To forget it: ${typed(`forget ${this.memory.id.slice(0, SHORT_ID)}`)}`,
		);
	}

	remove(): void {
		rmSync(this.#folder, { recursive: true, force: true });
	}
}
