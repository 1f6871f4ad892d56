import { join } from "node:path";
import { messageOf, type WorkspacePaths } from "@signet/core";
import type { ConfigFile } from "../config/config-file.ts";
import { editConfigFile } from "../config/edit-config-file.ts";
import type { DaemonOptions } from "../daemon-options.ts";
import type { Logger } from "../logs/logger.ts";
import { VERSION } from "../version.ts";
import { InstalledProgram } from "./installed-program.ts";
import { ProcessInstaller } from "./process-installer.ts";
import { Registry } from "./registry.ts";
import { UpdateService } from "./update-service.ts";

/** What knows of updates, for a daemon. */
export function openUpdates(
	{ world, env, program, root }: Pick<DaemonOptions, "world" | "env" | "program" | "root">,
	paths: WorkspacePaths,
	config: ConfigFile,
	logger: Logger,
): UpdateService {
	const { platform, arch: architecture } = process;
	return new UpdateService({
		version: VERSION,
		world,
		registry: new Registry({ world, env, platform, architecture }),
		installer: new ProcessInstaller({
			world,
			command: program?.updateCommand,
			readStaged: () => program && new InstalledProgram(program.executable, VERSION).record().staged?.version,
			root,
			env,
			outputFile: join(paths.logFolder, "update.log"),
		}),
		settings: () => config.settings,
		logger,
		async persist(wanted) {
			try {
				// What changes a text of YAML is large, and seldom needed.
				const { withSettings } = await import("./persist-settings.ts");
				await editConfigFile(paths, (text) => withSettings(text, wanted));
				return true;
			} catch (error) {
				logger.warn("config", "the settings of updates could not be written", { problem: messageOf(error) });
				return false;
			}
		},
	});
}
