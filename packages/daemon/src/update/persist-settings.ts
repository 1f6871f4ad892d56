import { changeSetting, findRow } from "@signet/core/config";
import type { WantedSettings } from "./update-settings.ts";

/** The text of a configuration with other settings of updates, and all else as it stands. */
export function withSettings(text: string, wanted: WantedSettings): string {
	return Object.entries(wanted).reduce((changed, [name, value]) => {
		const row = findRow(`updates.${name}`);
		return row ? changeSetting(changed, row, value) : changed;
	}, text);
}
