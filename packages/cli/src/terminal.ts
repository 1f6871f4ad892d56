/** What a terminal shows: colours where it has them, and tables that fit. */

function colour(code: number): (text: string) => string {
	return (text) => (Bun.enableANSIColors ? `\u001b[${code}m${text}\u001b[0m` : text);
}

export const style = {
	bold: colour(1),
	dim: colour(2),
	error: colour(31),
	good: colour(32),
	warn: colour(33),
	accent: colour(36),
};

const DEFAULT_WIDTH = 100;

/** Columns of the terminal; a fixed number when the output goes elsewhere. */
export function terminalWidth(): number {
	return process.stdout.columns ?? DEFAULT_WIDTH;
}

export interface Column {
	readonly title: string;
	/** Numbers stand to the right. */
	readonly isNumber?: boolean;
	/** Takes the width that the others leave; what does not fit is cut. */
	readonly isFlexible?: boolean;
}

/** Rows under titles, in columns as wide as they need. */
export function table(columns: readonly Column[], texts: readonly (readonly string[])[]): string {
	const rows = texts.map((row) => row.map(inOneLine));
	const widths = columns.map(({ title }, at) => Math.max(...[title, ...rows.map((row) => row[at] ?? "")].map(widthOf)));
	const fixed = widths.reduce(
		(sum, width, at) => sum + (columns[at]?.isFlexible ? 0 : width),
		2 * (columns.length - 1),
	);
	const left = Math.max(20, terminalWidth() - fixed);
	const line = (cells: readonly string[], paint: (text: string) => string) =>
		columns
			.map(({ isNumber, isFlexible }, at) => {
				const width = isFlexible ? Math.min(widths[at] ?? 0, left) : (widths[at] ?? 0);
				const cell = cut(cells[at] ?? "", width);
				const padding = " ".repeat(Math.max(0, width - widthOf(cell)));
				return paint(isNumber ? padding + cell : cell + padding);
			})
			.join("  ")
			.trimEnd();
	return [
		line(
			columns.map(({ title }) => title),
			style.dim,
		),
		...rows.map((row) => line(row, (text) => text)),
	].join("\n");
}

/** A text without what would command the terminal: anybody's words are shown, and only shown. */
export function printable(text: string): string {
	return text.replace(/\p{Cc}/gu, "");
}

function inOneLine(text: string): string {
	return printable(text.replace(/\s+/g, " "));
}

/** A text in one line of at most `width` columns. */
export function cut(text: string, width: number): string {
	const flat = inOneLine(text);
	if (widthOf(flat) <= width) return flat;
	let kept = "";
	for (const character of flat) {
		if (widthOf(kept + character) > width - 1) break;
		kept += character;
	}
	return `${kept.trimEnd()}…`;
}

/** Lines of at most `width` columns, broken between words. */
export function wrap(text: string, width: number, indent: string): string {
	const lines: string[] = [];
	let line = "";
	for (const word of inOneLine(text).split(" ")) {
		if (line !== "" && widthOf(line) + 1 + widthOf(word) > width) {
			lines.push(line);
			line = word;
		} else {
			line = line === "" ? word : `${line} ${word}`;
		}
	}
	return [...lines, line].map((each) => indent + each).join("\n");
}

/** `name  value` lines with the values in one column. */
export function facts(pairs: readonly (readonly [name: string, value: string])[]): string {
	const width = Math.max(...pairs.map(([name]) => widthOf(name)));
	return pairs.map(([name, value]) => `${style.dim(name.padEnd(width))}  ${value}`).join("\n");
}

/** `3 s`, `2 m 10 s`, `4 h 1 m`, `3 d 2 h`. */
export function duration(seconds: number): string {
	const whole = Math.floor(seconds);
	const [days, hours, minutes] = [
		Math.floor(whole / 86_400),
		Math.floor(whole / 3_600) % 24,
		Math.floor(whole / 60) % 60,
	];
	if (days > 0) return `${days} d ${hours} h`;
	if (hours > 0) return `${hours} h ${minutes} m`;
	return minutes > 0 ? `${minutes} m ${whole % 60} s` : `${whole} s`;
}

/** `1 memory`, `2 memories`. */
export function plural(count: number, one: string, many: string): string {
	return `${count.toLocaleString("en")} ${count === 1 ? one : many}`;
}

function widthOf(text: string): number {
	return Bun.stringWidth(text);
}
