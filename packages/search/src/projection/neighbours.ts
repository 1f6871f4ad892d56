import { PointTree } from "./point-tree.ts";

const NEIGHBOURS = 4;

/**
 * Each point with the four nearest to it, as pairs of positions, the lower first and none twice. `points` holds
 * `dimensions` numbers for each.
 */
export function nearestPairs(points: Float32Array, dimensions: number): Uint32Array {
	const count = points.length / dimensions;
	const tree = new PointTree(points, dimensions);
	const pairs = new Set<number>();
	for (let at = 0; at < count; at++) {
		for (const other of tree.nearest(at, NEIGHBOURS)) {
			pairs.add(Math.min(at, other) * count + Math.max(at, other));
		}
	}
	const edges = new Uint32Array(2 * pairs.size);
	let place = 0;
	for (const pair of pairs) {
		edges[place++] = Math.floor(pair / count);
		edges[place++] = pair % count;
	}
	return edges;
}
