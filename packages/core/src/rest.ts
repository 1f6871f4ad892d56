import type { Timer, World } from "./world.ts";

/** Does something when nothing has been used for a while: gives back what it holds only to be quick. */
export class Rest {
	#usedAtMs = 0;
	#timer: Timer | undefined;
	#isStopped = false;

	/** `begun` is called once each time that `idleMs` have passed since the last use. */
	constructor(
		private readonly world: Pick<World, "clock" | "timers">,
		private readonly idleMs: number,
		private readonly begun: () => void,
	) {}

	/** Take in that it is used. */
	used(): void {
		if (this.#isStopped) return;
		this.#usedAtMs = this.world.clock.monotonicMs();
		this.#timer ??= this.world.timers.after(this.idleMs, () => this.#check());
	}

	/** To be called before what is given back is closed. */
	stop(): void {
		this.#isStopped = true;
		this.#timer?.cancel();
	}

	#check(): void {
		const restMs = this.#usedAtMs + this.idleMs - this.world.clock.monotonicMs();
		this.#timer = restMs > 0 ? this.world.timers.after(restMs, () => this.#check()) : undefined;
		if (restMs <= 0) this.begun();
	}
}
