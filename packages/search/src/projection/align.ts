import { Matrix, SingularValueDecomposition } from "ml-matrix";

/**
 * Turn (and mirror, if need be) points so that they lie as near as they can to where they lay before, so that a map of
 * nearly the same memories is nearly the same map: the orthogonal Procrustes problem (Schönemann 1966). `before` gives a
 * place for those points that had one. Both are taken from their middles; the result is around 0.
 */
export function alignTo(
	points: readonly (readonly number[])[],
	before: (at: number) => readonly number[] | undefined,
): number[][] {
	const pairs = points.flatMap((point, at) => {
		const place = before(at);
		return place ? [{ point, place }] : [];
	});
	const dimensions = points[0]?.length ?? 0;
	const middle = middleOf(points, dimensions);
	const centred = points.map((point) => point.map((x, axis) => x - (middle[axis] ?? 0)));
	// Fewer say nothing of how it is turned.
	if (pairs.length <= dimensions) return centred;
	const from = middleOf(
		pairs.map(({ point }) => point),
		dimensions,
	);
	const to = middleOf(
		pairs.map(({ place }) => place),
		dimensions,
	);
	const covariance = Matrix.zeros(dimensions, dimensions);
	for (const { point, place } of pairs) {
		for (let row = 0; row < dimensions; row++) {
			for (let column = 0; column < dimensions; column++) {
				const product = ((point[row] ?? 0) - (from[row] ?? 0)) * ((place[column] ?? 0) - (to[column] ?? 0));
				covariance.set(row, column, covariance.get(row, column) + product);
			}
		}
	}
	const { leftSingularVectors, rightSingularVectors } = new SingularValueDecomposition(covariance);
	return new Matrix(centred).mmul(leftSingularVectors.mmul(rightSingularVectors.transpose())).to2DArray();
}

function middleOf(points: readonly (readonly number[])[], dimensions: number): number[] {
	return Array.from(
		{ length: dimensions },
		(_, axis) => points.reduce((sum, point) => sum + (point[axis] ?? 0), 0) / Math.max(1, points.length),
	);
}
