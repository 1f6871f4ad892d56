import { type Command, InvalidArgumentError, Option } from "commander";

export function filtered(command: Command): Command {
	return command
		.option("--type <type>", "only this type")
		.option("--tags <list>", "only what has all of these tags")
		.option("--who <name>", "only what this one said")
		.option("--project <name>", "only this project")
		.option("--since <time>", "a day or a time")
		.option("--until <time>", "a day or a time");
}

export function limitOption(defaultLimit: number): Option {
	return new Option("-l, --limit <number>", "how many").argParser(positiveNumber).default(defaultLimit);
}

export function reasonOption(defaultReason: string): Option {
	return new Option("--reason <text>", "why, for its history").default(defaultReason);
}

export function yesOption(): Option {
	return new Option("-y, --yes", "do not ask");
}

export function wholeNumber(text: string): number {
	const value = Number(text);
	if (!Number.isInteger(value) || value < 0) throw new InvalidArgumentError("It must be a whole number.");
	return value;
}

export function positiveNumber(text: string): number {
	const value = Number(text);
	if (!Number.isInteger(value) || value < 1) throw new InvalidArgumentError("It must be a whole number above 0.");
	return value;
}

/** A time such as `90d`, in seconds. */
export function seconds(text: string): number {
	const [, amount, unit = "s"] = /^(\d+(?:\.\d+)?)([smhd])?$/.exec(text.trim()) ?? [];
	const length = { s: 1, m: 60, h: 3_600, d: 86_400 }[unit];
	if (amount === undefined || length === undefined) {
		throw new InvalidArgumentError("It must be a time such as 90d, 12h, 30m or 3600.");
	}
	return Number(amount) * length;
}

/** A time such as `90d` that is not over at once, in seconds. */
export function positiveSeconds(text: string): number {
	const value = seconds(text);
	if (value <= 0) throw new InvalidArgumentError("It must be a time above 0, such as 90d, 12h, 30m or 3600.");
	return value;
}

export function fraction(text: string): number {
	const value = Number(text);
	if (text.trim() === "" || !(value >= 0 && value <= 1))
		throw new InvalidArgumentError("It must be a number from 0 to 1.");
	return value;
}
