/**
 * An address as everybody may see it: without the user, the password and the query, in all of which keys may stand. What
 * has none of these stays as it is written, and so does what is no address.
 */
export function shownAddress(text: string): string {
	if (!URL.canParse(text)) return text;
	const url = new URL(text);
	if (url.username === "" && url.password === "" && url.search === "" && url.hash === "") return text;
	for (const part of ["username", "password", "search", "hash"] as const) url[part] = "";
	return url.href;
}
