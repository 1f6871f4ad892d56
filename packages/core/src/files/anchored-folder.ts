import { closeSync, constants, existsSync, fstatSync, lstatSync, mkdirSync, openSync, type Stats } from "node:fs";
import { join } from "node:path";
import { RefusedFile } from "./refused-file.ts";

/** macOS refuses a link in any part of a path by this; there is no name for it. */
const O_NOFOLLOW_ANY = process.platform === "darwin" ? 0x2000_0000 : 0;
/** Windows has no such flag, and neither links that everybody can make. */
const O_NOFOLLOW = (constants.O_NOFOLLOW ?? 0) | O_NOFOLLOW_ANY;
const OPEN_FOLDER = constants.O_RDONLY | (constants.O_DIRECTORY ?? 0) | O_NOFOLLOW;
/** Opens what is there and no link; a pipe does not keep us waiting. */
export const OPEN_FILE: number = constants.O_RDONLY | O_NOFOLLOW | (constants.O_NONBLOCK ?? 0);
/** Makes a file; fails when there is anything of that name. */
export const MAKE_FILE: number = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | O_NOFOLLOW;

/** Linux reaches a folder by its descriptor, wherever it is moved and whatever takes its place meanwhile. */
const DESCRIPTORS = "/proc/self/fd";

/** Who a folder is, whatever it is called. */
export type FolderIdentity = Pick<Stats, "dev" | "ino">;

/**
 * A folder that is held open. Names are looked up in it and not along a path, of which another process may exchange a
 * part by a link between one look and the next. Where the system knows no such thing, the path is looked at each time.
 */
export class AnchoredFolder implements Disposable {
	private constructor(
		private readonly descriptor: number,
		private readonly path: string,
	) {}

	/** Hold a folder by its real path. Throws a `RefusedFile` when another one has taken its place. */
	static open(path: string, { dev, ino }: FolderIdentity): AnchoredFolder {
		const descriptor = openSync(path, OPEN_FOLDER);
		const stats = fstatSync(descriptor);
		if (stats.dev === dev && stats.ino === ino) return new AnchoredFolder(descriptor, path);
		closeSync(descriptor);
		throw new RefusedFile("unsafe_folder", `${path} is not the folder any more that it was when the work began`);
	}

	/** Go down; this one is let go. Throws a `RefusedFile` for what is no folder; makes it when `isMade`. */
	down(name: string, { isMade }: { isMade: boolean }): AnchoredFolder {
		try {
			const path = this.pathOf(name);
			if (isMade) makeFolder(path);
			if (!HAS_DESCRIPTORS) refuseLink(path);
			return new AnchoredFolder(openSync(path, OPEN_FOLDER), join(this.path, name));
		} catch (error) {
			throw explained(error, join(this.path, name));
		} finally {
			this[Symbol.dispose]();
		}
	}

	/** Where the system finds what is called so in this folder, as long as the folder is held. */
	pathOf(name: string): string {
		return HAS_DESCRIPTORS ? `${DESCRIPTORS}/${this.descriptor}/${name}` : join(this.path, name);
	}

	/** The descriptor, to have changes of the folder itself brought to the disk. */
	get handle(): number {
		return this.descriptor;
	}

	[Symbol.dispose](): void {
		closeSync(this.descriptor);
	}
}

const HAS_DESCRIPTORS = process.platform === "linux" && existsSync(DESCRIPTORS);

function makeFolder(path: string): void {
	try {
		mkdirSync(path, { mode: 0o700 });
	} catch (error) {
		if (codeOf(error) !== "EEXIST") throw error;
	}
}

function refuseLink(path: string): void {
	if (lstatSync(path).isSymbolicLink()) throw Object.assign(new Error("it is a link"), { code: "ELOOP" });
}

/** What the system said of a name, as a refusal where it is one. */
export function explained(error: unknown, path: string): unknown {
	switch (codeOf(error)) {
		case "ENOENT":
			return new RefusedFile("file_not_found", `There is no ${path}`);
		case "ELOOP":
		case "EMLINK":
			return new RefusedFile("symbolic_link", `${path} is a symbolic link, and links are not followed here`);
		case "ENOTDIR":
			return new RefusedFile("not_a_file", `${path} is no folder, or a link to one; links are not followed here`);
		case "EISDIR":
		case "ENXIO":
			return new RefusedFile("not_a_file", `${path} is no regular file`);
		case "EEXIST":
			return new RefusedFile("file_exists", `${path} is there already`);
		case "ENAMETOOLONG":
			return new RefusedFile("unsafe_name", `${path} is too long for a name on this disk`);
		default:
			return error;
	}
}

function codeOf(error: unknown): unknown {
	return error instanceof Error && "code" in error ? error.code : undefined;
}
