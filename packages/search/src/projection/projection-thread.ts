import { makeWay, mulberry32, serveThread } from "@signet/core";
import {
	documentsToProject,
	openReadOnly,
	type Projection,
	type ProjectionFilter,
	type Reader,
	readProjection,
	readVectors,
	type VectorModel,
} from "@signet/db";
import { evenly, layOut } from "./layout.ts";
import { principalAxes } from "./principal-axes.ts";

/** Where a thread begins: laying out the vectors of memories. */

export interface ProjectionRequest {
	readonly file: string;
	readonly model: VectorModel;
	readonly dimensions: 2 | 3;
	readonly filter: ProjectionFilter;
	/** Those of all that are drawn, the newest first. */
	readonly page: { readonly offset: number; readonly limit: number | undefined };
}

export interface ProjectionAnswer extends Projection {
	/** How many there are in all. */
	readonly total: number;
}

/** Along so many axes vectors are compared: what is beyond them is mostly noise, and takes its time. */
const AXES = 48;
/** So many tell where the axes lie. */
const SAMPLE = 1_000;
const READ_AT_ONCE = 500;
const SEED = 20_180_209;

makeWay();
serveThread(async ({ file, model, dimensions, filter, page }: ProjectionRequest): Promise<ProjectionAnswer> => {
	using database = openReadOnly(file);
	const { reader } = database;
	const all = await documentsToProject(reader, model.id, filter);
	const docs = all.slice(page.offset, page.limit === undefined ? undefined : page.offset + page.limit);
	const random = mulberry32(SEED);
	const vectors = await reduced(reader, model, docs, random);
	const before = await placesBefore(reader, docs, dimensions);
	const layout = layOut(vectors, { dimensions, random, ...(before && { before }) });
	return { docs: Float64Array.from(docs), total: all.length, ...layout };
});

/** The vectors of documents along the axes that tell most of them apart. Never all of them whole at once. */
async function reduced(
	reader: Reader,
	model: VectorModel,
	docs: readonly number[],
	random: () => number,
): Promise<number[][]> {
	const sample = await unitVectors(
		reader,
		model,
		evenly(docs.length, SAMPLE).map((at) => docs[at] ?? 0),
	);
	const axes = principalAxes([...sample.values()], AXES, random);
	const vectors: number[][] = [];
	for (let at = 0; at < docs.length; at += READ_AT_ONCE) {
		const part = docs.slice(at, at + READ_AT_ONCE);
		const found = await unitVectors(reader, model, part);
		for (const doc of part) vectors.push(axes.reduce(found.get(doc) ?? new Float32Array(model.dimensions)));
	}
	return vectors;
}

async function unitVectors(
	reader: Reader,
	model: VectorModel,
	docs: readonly number[],
): Promise<Map<number, Float32Array>> {
	const rows = await readVectors(reader, model, docs);
	return new Map(
		rows.map(({ doc, vector }) => {
			const numbers = new Int8Array(vector.buffer, vector.byteOffset, vector.length);
			const length = Math.sqrt(numbers.reduce((sum, x) => sum + x * x, 0)) || 1;
			return [doc, Float32Array.from(numbers, (x) => x / length)];
		}),
	);
}

async function placesBefore(reader: Reader, docs: readonly number[], dimensions: number) {
	const kept = await readProjection(reader, dimensions);
	if (!kept) return undefined;
	const places = new Map<number, readonly number[]>();
	for (const [at, doc] of kept.docs.entries()) {
		places.set(doc, [...kept.points.subarray(at * dimensions, (at + 1) * dimensions)]);
	}
	return (at: number) => places.get(docs[at] ?? -1);
}
