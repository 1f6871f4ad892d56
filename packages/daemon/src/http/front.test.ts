import { expect, test } from "bun:test";
import { seededWorld } from "@signet/core/testing";
import { Front } from "./front.ts";

const request = () => new Request("http://localhost/api/status");

function recordingConnection() {
	const extended: number[] = [];
	return { extended, timeout: (_: Request, seconds: number) => extended.push(seconds), requestIP: () => null };
}

test("before there is an application and after there is one no more, everybody is told so", async () => {
	const front = new Front(seededWorld());
	const connection = recordingConnection();
	const answers = [await front.handle(request(), connection)];
	front.open(() => new Response("served"));
	answers.push(await front.handle(request(), connection));
	front.close();
	answers.push(await front.handle(request(), connection));
	expect(answers.map(({ status }) => status)).toEqual([503, 200, 503]);
	expect(await answers[0]?.json()).toMatchObject({ status: "starting", code: "starting" });
	expect(answers[0]?.headers.get("retry-after")).toBe("1");
	expect(await answers[2]?.json()).toMatchObject({ status: "shutting_down", code: "shutting_down" });
	expect(answers[2]?.headers.get("connection")).toBe("close");
});

test("it is drained when what was let through is answered, even by a failure", async () => {
	const front = new Front(seededWorld());
	const { promise, resolve } = Promise.withResolvers<Response>();
	let calls = 0;
	front.open(() => (calls++ === 0 ? promise : Promise.reject(new Error("no"))));
	const connection = recordingConnection();
	const answers = [front.handle(request(), connection), front.handle(request(), connection)];
	front.close();
	let isDrained = false;
	const drained = front.drained().then(() => {
		isDrained = true;
	});
	await expect(Promise.resolve(answers[1])).rejects.toThrow("no");
	expect([front.underWayCount, isDrained]).toEqual([1, false]);
	resolve(new Response("late"));
	await drained;
	expect((await answers[0])?.status).toBe(200);
});

test("the connection of what takes long is kept open, though not for ever", async () => {
	const world = seededWorld();
	const front = new Front(world);
	front.open(() => new Promise(() => undefined));
	const connection = recordingConnection();
	void front.handle(request(), connection);
	await world.advance(5_000);
	expect(connection.extended).toHaveLength(0);
	await world.advance(60_000);
	expect(connection.extended.length).toBeGreaterThanOrEqual(5);
	await world.advance(3_600_000);
	const atLast = connection.extended.length;
	await world.advance(3_600_000);
	expect(connection.extended).toHaveLength(atLast);
});
