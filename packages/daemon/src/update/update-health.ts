import type { UpdateService } from "./update-service.ts";

const HOUR_MS = 3_600_000;

/** How well updates are looked after: a score, and what takes from it. */
export function updateHealth(state: UpdateService["state"], nowMs: number) {
	const { currentVersion, autoInstall, lastCheckAt, lastError, pendingRestart, updateAvailable } = state;
	const ageHours = lastCheckAt === null ? undefined : (nowMs - Date.parse(lastCheckAt)) / HOUR_MS;
	const losses = [
		currentVersion === "0.0.0" ? 0.5 : 0,
		pendingRestart !== null && (ageHours ?? 0) > 1 ? 0.3 : 0,
		lastError !== null && autoInstall ? 0.4 : 0,
		autoInstall && (ageHours ?? 0) > 24 ? 0.2 : 0,
		!autoInstall && updateAvailable ? 0.1 : 0,
	];
	const score = Math.max(0, 1 - losses.reduce((sum, loss) => sum + loss, 0));
	return {
		score: Math.round(score * 100) / 100,
		status: statusOf(score),
		autoInstallEnabled: autoInstall,
		lastCheckSucceeded: lastError === null,
		lastCheckAgeHours: ageHours === undefined ? null : Math.round(ageHours * 10) / 10,
		pendingRestart: pendingRestart !== null,
		lastError,
	};
}

function statusOf(score: number): "healthy" | "degraded" | "unhealthy" {
	if (score >= 0.8) return "healthy";
	return score >= 0.5 ? "degraded" : "unhealthy";
}
