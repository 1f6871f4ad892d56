import { connect, type Socket } from "node:net";
import type { RunningDaemon } from "../running-daemon.ts";
import { type Figure, mb, ms } from "./figure.ts";
import { load } from "./load.ts";
import { memoryOf } from "./process-memory.ts";

const CLIENTS = 2_000;
/** Of each body, which so never ends while it is measured. */
const BODY_BYTES = 10_000;
const BYTE_EVERY_MS = 500;

/** What recall takes while thousands of clients send their bodies a byte at a time, beside what it takes without them. */
export async function measureSlowClients(daemon: RunningDaemon, questions: readonly string[]): Promise<Figure> {
	const recall = () => load(questions, 1, (query) => daemon.post("/api/memory/recall", { query, limit: 10 }));
	await recall();
	const idle = await recall();
	const before = memoryOf(daemon.process.pid)?.residentMb ?? Number.NaN;
	const sockets = await Promise.all(Array.from({ length: CLIENTS }, () => beginSlowly(daemon.url)));
	const timer = setInterval(() => {
		for (const socket of sockets) socket.write("x");
	}, BYTE_EVERY_MS);
	const busy = await recall();
	const during = memoryOf(daemon.process.pid)?.residentMb ?? Number.NaN;
	clearInterval(timer);
	for (const socket of sockets) socket.destroy();
	return {
		what: `recall, 1 client, beside ${CLIENTS.toLocaleString("en")} that send slowly: p50 / p99; memory they take`,
		figure: `${busy.p50.toFixed(2)} / ${ms(busy.p99)}; ${mb(during - before)}`,
		target: `p99 ≤ ${ms(3 * idle.p99)}`,
		floor: `${idle.p50.toFixed(2)} / ${ms(idle.p99)} without them`,
	};
}

function beginSlowly(url: string): Promise<Socket> {
	const { hostname, port } = new URL(url);
	const socket = connect(Number(port), hostname);
	// Those for whom there is no room are told so and let go.
	socket.on("error", () => undefined);
	socket.on("data", () => undefined);
	const head = `POST /api/memory/remember HTTP/1.1\r\nHost: localhost\r\nContent-Length: ${BODY_BYTES}\r\n\r\nx`;
	return new Promise((resolve) => socket.write(head, () => resolve(socket)));
}
