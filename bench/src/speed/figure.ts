/** One line of the table. */
export interface Figure {
	readonly what: string;
	readonly figure: string;
	/** What it should be. */
	readonly target?: string;
	/** The least that it could be on this machine, measured in the same run. */
	readonly floor?: string;
}

export const ms = (value: number) => `${value < 10 ? value.toFixed(2) : value.toFixed(0)} ms`;
export const perSecond = (value: number) => `${Math.round(value).toLocaleString("en")}/s`;
export const mb = (value: number) => `${value.toFixed(1)} MB`;

export function table(figures: readonly Figure[]): string {
	const rows = figures.map(
		({ what, figure, target = "", floor = "" }) => `| ${what} | ${figure} | ${target} | ${floor} |`,
	);
	return ["| | measured | target | floor |", "| --- | ---: | ---: | --- |", ...rows].join("\n");
}
