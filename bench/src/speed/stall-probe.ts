/**
 * Asks an address for its answer every two milliseconds until its input ends, then prints how long each took, in
 * milliseconds. A process of its own: one that also makes the load would wait for itself.
 */
import { sleep, stdin } from "bun";

const PING_EVERY_MS = 2;

const [, , url = ""] = process.argv;
let isOver = false;
void stdin.text().then(() => {
	isOver = true;
});
const times: number[] = [];
while (!isOver) {
	const sentAt = performance.now();
	await (await fetch(url)).text();
	times.push(performance.now() - sentAt);
	await sleep(PING_EVERY_MS);
}
console.log(JSON.stringify(times));
