import { sep } from "node:path";
import { messageOf, sha256Hex, type Timer } from "@signet/core";
import { ConfinedFolder, FileName } from "@signet/core/files";
import { deleteFile, putFile, readFiles } from "@signet/db";
import { type FileKeeperContext, keepFile, retireFile } from "./file-keeper.ts";
import { type Found, type FoundFile, findFiles, MAX_FILES, type Places } from "./found-files.ts";

/** How often it is looked for changes; on a slow disk more seldom, so that looking takes a twentieth of the time at most. */
const INTERVAL_MS = 3_000;
const LONGEST_INTERVAL_MS = 30_000;
const SHARE_OF_TIME = 20;
/** A file that was written less than this ago may be written still. */
const SETTLING_MS = 400;
/** Where times have no fractions, as on FAT, a file may be written once more without a change of its time. */
const SETTLING_MS_BY_THE_SECOND = 2_500;
/** A file that is written all the time is taken as it is after so long. */
const LONGEST_SETTLING_MS = 10_000;
const MAX_FILE_BYTES = 2 * 1024 * 1024;

export interface MemoryFilesOptions extends FileKeeperContext {
	readonly places: Places;
	/** Asked before each look and each file. */
	readonly isPaused: () => boolean;
	/** Told of a file that cannot be used, once for each reason. */
	readonly onProblem: (path: string, problem: string) => void;
}

/** What is known of a file that was read. */
interface Known {
	readonly mtimeMs: number;
	readonly size: number;
	readonly hash: string;
}

/**
 * Remembers what stands in Markdown files, and follows their changes. The files are looked at every few seconds instead
 * of being watched: that misses nothing where a program replaces files, on network disks and under containers, and the
 * database beside the notes, which changes all the time, wakes nobody.
 */
export class MemoryFiles {
	#known: Map<string, Known> | undefined;
	readonly #problems = new Map<string, string>();
	/** Files that were not there at the last look: programs take a file away to put another in its place. */
	#missing = new Set<string>();
	/** Files that were being written at the last look, and since when, on the monotonic clock. */
	#unsettled: ReadonlyMap<string, number> = new Map();
	/** What finding the files took the last time. */
	#findingMs = 0;
	#delayMs = INTERVAL_MS;
	#timer: Timer | undefined;
	#looking: Promise<void> | undefined;
	#isStopped = false;

	constructor(private readonly options: MemoryFilesOptions) {}

	get #isHalted(): boolean {
		return this.#isStopped || this.options.isPaused();
	}

	/** Look now and then from now on. */
	start(): void {
		void this.look();
	}

	/** Look at no further file, and wait for the one that is being read. */
	async stop(): Promise<void> {
		this.#isStopped = true;
		this.#timer?.cancel();
		await this.#looking;
	}

	/** Bring memory in step with all files. Never rejects. A second call waits for the first. */
	look(): Promise<void> {
		this.#looking ??= this.#look().finally(() => {
			this.#looking = undefined;
		});
		return this.#looking;
	}

	async #look(): Promise<void> {
		const { world, places } = this.options;
		this.#timer?.cancel();
		try {
			if (!this.#isHalted) await this.#followFiles();
		} catch (error) {
			this.#report(places.notes, messageOf(error));
		}
		if (this.#isStopped) return;
		this.#timer = world.timers.after(this.#delayMs, () => void this.look());
	}

	/** While there is much to be read it is looked again and again: what is new meanwhile does not wait for the rest. */
	async #followFiles(): Promise<void> {
		const { places } = this.options;
		this.#known ??= await this.#readKnown();
		let waiting: ReadonlyMap<string, number> = new Map();
		const failed = new Set<string>();
		for (;;) {
			const found = await this.#find();
			if (found.files.length >= MAX_FILES) {
				this.#report(places.notes, `there are more than ${MAX_FILES} files; the others are left alone`);
			}
			const changed = this.#changed(found.files, this.#known).filter(({ path }) => !failed.has(path));
			const isNew = ({ path, mtimeMs }: FoundFile) => waiting.get(path) !== mtimeMs;
			const inTurn = [...changed.filter(isNew), ...changed.filter((file) => !isNew(file))];
			if (await this.#keepInTime(inTurn, this.#known, failed)) return this.#retireGone(found, this.#known);
			if (this.#isHalted) return;
			waiting = new Map(changed.map(({ path, mtimeMs }) => [path, mtimeMs]));
		}
	}

	/**
	 * The time until the next look depends on what finding takes, not on how much there was to be read; and once it took
	 * long, as while everything starts, says nothing yet.
	 */
	async #find(): Promise<Found> {
		const { clock } = this.options.world;
		const begunAt = clock.monotonicMs();
		const found = await findFiles(this.options.places);
		const findingMs = clock.monotonicMs() - begunAt;
		const shareMs = SHARE_OF_TIME * Math.min(findingMs, this.#findingMs);
		this.#delayMs = Math.min(LONGEST_INTERVAL_MS, Math.max(INTERVAL_MS, shareMs));
		this.#findingMs = findingMs;
		return found;
	}

	/** Files that are not known as they are now, without those that somebody seems to be writing. */
	#changed(found: readonly FoundFile[], known: ReadonlyMap<string, Known>): FoundFile[] {
		const { clock } = this.options.world;
		const unsettled = new Map<string, number>();
		const changed = found.filter((file) => {
			const { path, mtimeMs, size } = file;
			const before = known.get(path);
			if (before?.mtimeMs === mtimeMs && before.size === size) return false;
			const settlingMs = mtimeMs % 1_000 === 0 ? SETTLING_MS_BY_THE_SECOND : SETTLING_MS;
			if (Math.abs(clock.now() - mtimeMs) >= settlingMs) return true;
			const sinceMs = this.#unsettled.get(path) ?? clock.monotonicMs();
			if (clock.monotonicMs() - sinceMs >= LONGEST_SETTLING_MS) return true;
			unsettled.set(path, sinceMs);
			return false;
		});
		this.#unsettled = unsettled;
		return changed;
	}

	/** Keep files until it is time to look again; gives whether those were all. */
	async #keepInTime(files: readonly FoundFile[], known: Map<string, Known>, failed: Set<string>): Promise<boolean> {
		const { clock } = this.options.world;
		const endMs = clock.monotonicMs() + INTERVAL_MS;
		for (const file of files) {
			if (this.#isHalted || clock.monotonicMs() >= endMs) return false;
			const { path, mtimeMs, size } = file;
			try {
				const text = readText(file);
				if (text === undefined) continue;
				const hash = sha256Hex(text);
				await this.#keep(file, text, hash === known.get(path)?.hash);
				known.set(path, { mtimeMs, size, hash });
				this.#problems.delete(path);
			} catch (error) {
				this.#report(path, messageOf(error));
				// What is no text is read again when it has changed; what cannot be read or stored now, the next time.
				if (error instanceof NoText) known.set(path, { mtimeMs, size, hash: "" });
				else failed.add(path);
			}
		}
		return !this.#isHalted;
	}

	/** Retire what stood in files that are gone, after two looks without them, and only where one can see that they are. */
	async #retireGone({ files, unread }: Found, known: Map<string, Known>): Promise<void> {
		if (files.length >= MAX_FILES) return;
		const { notes, projects } = this.options.places;
		const places = projects === undefined ? [notes] : [notes, projects];
		const isBelow = (path: string) => (folder: string) => path === folder || path.startsWith(folder + sep);
		const there = new Set(files.map(({ path }) => path));
		const gone = [...known.keys()].filter(
			(path) => !there.has(path) && places.some(isBelow(path)) && !unread.some(isBelow(path)),
		);
		if (projects !== undefined) await this.#leave([...known.keys()].filter((path) => !places.some(isBelow(path))));
		for (const path of gone.filter((each) => this.#missing.has(each))) {
			if (this.#isHalted) return;
			await retireFile(this.options, path);
			known.delete(path);
			this.#problems.delete(path);
		}
		this.#missing = new Set(gone.filter((path) => known.has(path)));
	}

	/** The workspace has moved: nobody looks there any more, and what was there says nothing about what is kept. */
	async #leave(paths: readonly string[]): Promise<void> {
		for (const path of paths) {
			await this.options.database.write((writer) => deleteFile(writer, path));
			this.#known?.delete(path);
		}
	}

	async #keep(file: FoundFile, text: string, isSame: boolean): Promise<void> {
		if (!isSame) return keepFile(this.options, file, text);
		const { path, mtimeMs, size } = file;
		await this.options.database.write((writer) => putFile(writer, { path, mtimeMs, size, hash: sha256Hex(text) }));
	}

	async #readKnown(): Promise<Map<string, Known>> {
		const rows = await this.options.database.read(readFiles);
		return new Map(rows.map(({ path, ...known }) => [path, known]));
	}

	#report(path: string, problem: string): void {
		if (this.#problems.get(path) === problem) return;
		this.#problems.set(path, problem);
		this.options.onProblem(path, problem);
	}
}

class NoText extends Error {
	override readonly message = "it is no UTF-8 text";
}

/**
 * Undefined when it was taken away since it was found. Throws when it cannot be read: it may have become a link
 * meanwhile, or one of the folders that lead to it.
 */
function readText({ place, names }: FoundFile): string | undefined {
	const bytes = ConfinedFolder.at(place).readIfThere(FileName.found(...names), { maxBytes: MAX_FILE_BYTES });
	try {
		return bytes && new TextDecoder("utf-8", { fatal: true }).decode(bytes);
	} catch {
		throw new NoText();
	}
}
