import { existsSync, readFileSync } from "node:fs";
import {
	DEFAULT_LOCAL_MODEL,
	type EmbeddingSettings,
	ExitCode,
	parseSettings,
	type WorkspacePaths,
} from "@signet/core";
import { realWorld } from "@signet/core/world";
import { type ListedModel, MODEL_HUB, ModelProblem, ModelStore, pullModel } from "@signet/search/models";
import { type CommonOptions, typed, workspaceOf } from "../environment.ts";
import { CommandError } from "../failure.ts";
import { ProgressBar } from "../progress-bar.ts";
import { style, table } from "../terminal.ts";

const MEGABYTE = 1_000_000;

/** `signet model pull [NAME]`: have a model, verified; without a name the one that is configured, else the default one. */
export async function pull(name: string | undefined, options: CommonOptions): Promise<ExitCode> {
	const paths = workspaceOf(options);
	const store = storeOf(paths);
	const settings = configured(paths);
	const model = name ?? settings?.model ?? DEFAULT_LOCAL_MODEL;
	const place = store.place(model);
	const isConfigured = settings !== undefined && store.place(settings.model).folder === place.folder;
	const digest = isConfigured ? settings.digest : undefined;
	const bar = new ProgressBar(place.name, options.json ? { isQuiet: true } : {});
	try {
		const had = await store.refresh(place, digest);
		if (!had) {
			await pullModel({
				store,
				place,
				world: realWorld,
				hub: process.env.SIGNET_MODEL_URL || MODEL_HUB,
				digest,
				onProgress: (bytes, total) =>
					bar.show(`${megabytes(bytes)} of ${megabytes(total)}`, bytes / total, realWorld.clock.monotonicMs()),
			});
		}
		bar.end();
		return said(options, { name: place.name, folder: place.folder, status: had ? "already-here" : "pulled" }, () =>
			had
				? `${place.name} is here already, and is what it was`
				: `${style.good("✓")} ${place.name} is in ${place.folder}`,
		);
	} catch (error) {
		bar.end();
		throw asCommandError(error, ExitCode.failure);
	}
}

/** `signet model list`: the models that can be downloaded, and those that are here. */
export async function list(options: CommonOptions): Promise<ExitCode> {
	const paths = workspaceOf(options);
	const store = storeOf(paths);
	const settings = configured(paths);
	const used = settings && store.place(settings.model).name;
	const models = store.list();
	if (options.json) {
		const shown = models.map(({ name, state, bytes, known }) => ({
			name,
			state,
			bytes,
			used: name === used,
			dimensions: known?.dimensions ?? null,
		}));
		console.log(JSON.stringify({ folder: paths.modelsFolder, models: shown }, null, 2));
		return ExitCode.ok;
	}
	const columns = [
		{ title: "model" },
		{ title: "state" },
		{ title: "size", isNumber: true },
		{ title: "good for", isFlexible: true },
	];
	const rows = models.map((model) => [model.name, stateOf(model, used), sizeOf(model), model.known?.goodFor ?? ""]);
	console.log(table(columns, rows));
	if (used === undefined) {
		console.log(style.dim("\nNone is used: embedding.provider in agent.yaml is not local."));
	}
	return ExitCode.ok;
}

/** `signet model remove NAME`: remove a model that was downloaded. */
export async function remove(name: string, options: CommonOptions): Promise<ExitCode> {
	const paths = workspaceOf(options);
	const store = storeOf(paths);
	const { folder } = store.place(name);
	const isHere = existsSync(folder);
	try {
		const settings = configured(paths);
		const isUsed = settings !== undefined && store.place(settings.model).folder === folder;
		const bytes = store.remove(name);
		return said(options, { name, freed: bytes, used: isUsed }, () =>
			[
				`Removed ${name} ${style.dim(`(${megabytes(bytes)})`)}`,
				isUsed && style.dim("  The daemon downloads it again with the next text: agent.yaml names it."),
			]
				.filter(Boolean)
				.join("\n"),
		);
	} catch (error) {
		throw asCommandError(error, isHere ? ExitCode.failure : ExitCode.notFound);
	}
}

function storeOf(paths: WorkspacePaths): ModelStore {
	return new ModelStore(paths.modelsFolder, paths.root);
}

/** What is configured, if models run on this machine. */
function configured({ configFiles }: WorkspacePaths): EmbeddingSettings | undefined {
	const file = configFiles.find((path) => existsSync(path));
	const { embedding } = parseSettings(file ? readFileSync(file, "utf8") : "", process.env);
	return embedding.provider === "local" ? embedding : undefined;
}

function stateOf({ name, state }: ListedModel, used: string | undefined): string {
	const shown = { ready: "here", placed: "placed by hand, not taken yet", partial: "in part", absent: "" }[state];
	return [name === used && "used", shown].filter(Boolean).join(", ");
}

function sizeOf({ bytes, known }: ListedModel): string {
	if (bytes > 0) return megabytes(bytes);
	return known ? `about ${known.megabytes} MB` : "";
}

function megabytes(bytes: number): string {
	return `${(bytes / MEGABYTE).toFixed(bytes < 10 * MEGABYTE ? 1 : 0)} MB`;
}

function said(options: CommonOptions, answer: object, text: () => string): ExitCode {
	console.log(options.json ? JSON.stringify(answer) : text());
	return ExitCode.ok;
}

function asCommandError(error: unknown, exitCode: ExitCode): unknown {
	if (!(error instanceof ModelProblem)) return error;
	return new CommandError(error.message, exitCode, `\`${typed("model list")}\` shows what there is.`);
}
