import { UMAP } from "umap-js";
import { alignTo } from "./align.ts";
import { nearestPairs } from "./neighbours.ts";
import { Sample } from "./sample.ts";

/** Half the width of the square, or cube, that all is drawn in. */
const REACH = 210;
/** Two points have no neighbourhood: they lie apart. */
const HALF_APART = 105;
/** So many are laid out by their neighbourhoods; the others go where those lie that are most like them. */
const MAX_LAID_OUT = 4_000;
const PLACED_BY = 3;

export interface Layout {
	/** `dimensions` numbers for each, from -210 to 210. */
	readonly points: Float32Array;
	/** Pairs of positions that lie next to each other. */
	readonly edges: Uint32Array;
}

export interface LayoutOptions {
	readonly dimensions: 2 | 3;
	/** Numbers from 0 to 1; the same ones give the same layout. */
	readonly random: () => number;
	/** Where a vector lay before. */
	readonly before?: (at: number) => readonly number[] | undefined;
}

/** Draw vectors in two or three dimensions so that what is alike lies close together (UMAP: McInnes, Healy 2018). */
export function layOut(vectors: readonly number[][], { dimensions, random, before }: LayoutOptions): Layout {
	const count = vectors.length;
	if (count < 3) {
		const points = new Float32Array(count * dimensions);
		if (count === 2) points.set([-HALF_APART], 0);
		if (count === 2) points.set([HALF_APART], dimensions);
		return { points, edges: Uint32Array.from(count === 2 ? [0, 1] : []) };
	}
	const laidOut = evenly(count, MAX_LAID_OUT);
	const sample = laidOut.map((at) => vectors[at] ?? []);
	const umap = new UMAP({
		nComponents: dimensions,
		nNeighbors: Math.min(15, Math.max(2, sample.length - 1)),
		minDist: 0.1,
		spread: 1,
		random,
	});
	const drawn = umap.fit(sample);
	const all = laidOut.length === count ? drawn : placeAll(vectors, new Sample(sample), drawn);
	const points = fitted(before ? alignTo(all, before) : all, dimensions);
	return { points, edges: nearestPairs(points, dimensions) };
}

/** At most `limit` positions, spread evenly over all. */
export function evenly(count: number, limit: number): number[] {
	const taken = Math.min(count, limit);
	return Array.from({ length: taken }, (_, at) => Math.floor((at * count) / taken));
}

/** Each vector in the middle of those that are most like it, the most alike weighing most. */
function placeAll(vectors: readonly number[][], laidOut: Sample, drawn: readonly number[][]): number[][] {
	return vectors.map((vector) => {
		const near = laidOut.nearest(vector, PLACED_BY);
		const weights = near.map(({ square }) => 1 / (square + 1e-6));
		const sum = weights.reduce((total, weight) => total + weight, 0);
		return (drawn[0] ?? []).map((_, axis) =>
			near.reduce((place, { at }, n) => place + ((drawn[at]?.[axis] ?? 0) * (weights[n] ?? 0)) / sum, 0),
		);
	});
}

/** Each axis stretched over the whole width. */
function fitted(all: readonly (readonly number[])[], dimensions: number): Float32Array {
	const points = new Float32Array(all.length * dimensions);
	for (let axis = 0; axis < dimensions; axis++) {
		const values = all.map((point) => (Number.isFinite(point[axis]) ? (point[axis] ?? 0) : 0));
		const least = values.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
		const most = values.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
		const range = most - least || 1;
		for (const [at, value] of values.entries())
			points[at * dimensions + axis] = ((value - least) / range - 0.5) * 2 * REACH;
	}
	return points;
}
