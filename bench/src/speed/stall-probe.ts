/**
 * Asks some addresses for their answers every two milliseconds until its input ends, then prints for each how long they
 * took, in milliseconds. A process of its own: one that also makes the load would wait for itself.
 */
import { sleep, stdin } from "bun";

const PING_EVERY_MS = 2;

const urls = process.argv.slice(2);
let isOver = false;
void stdin.text().then(() => {
	isOver = true;
});
const times = urls.map((): number[] => []);
while (!isOver) {
	for (const [at, url] of urls.entries()) {
		const sentAt = performance.now();
		await (await fetch(url)).text();
		times[at]?.push(performance.now() - sentAt);
	}
	await sleep(PING_EVERY_MS);
}
console.log(JSON.stringify(times));
