/**
 * The file of a database that is empty and up to date, or undefined where it has to be made step by step. The build
 * replaces this module by one that names the copy inside the executable: a first start is then as quick and as small as
 * any other.
 */
export function emptyDatabaseFile(): string | undefined {
	return undefined;
}
