import { RequestError } from "../errors.ts";

/** Why a file was not touched; stable. */
export type FileRefusal =
	| "unsafe_name"
	| "private_file"
	| "not_a_file"
	| "symbolic_link"
	| "foreign_owner"
	| "unsafe_folder"
	| "file_too_large"
	| "file_exists"
	| "file_not_found";

const STATUS = {
	unsafe_name: 400,
	private_file: 403,
	not_a_file: 400,
	symbolic_link: 403,
	foreign_owner: 403,
	unsafe_folder: 403,
	file_too_large: 413,
	file_exists: 409,
	file_not_found: 404,
} as const satisfies Record<FileRefusal, number>;

/** A file is not read or written, because of what it is or how it is called. Nothing was changed. */
export class RefusedFile extends RequestError {
	override readonly name = "RefusedFile";

	constructor(
		readonly refusal: FileRefusal,
		message: string,
	) {
		super(STATUS[refusal], refusal, message);
	}
}
