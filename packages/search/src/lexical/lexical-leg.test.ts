import { expect, test } from "bun:test";
import { isScoped, type MemoryFilter, type MemoryScope, mulberry32 } from "@signet/core";
import { countDocuments, documentsAllowed, putMemoryOwner, sql } from "@signet/db";
import { forget, type Workbench, workbench } from "../testing/workbench.ts";
import { matchWords } from "./lexical-leg.ts";
import { MAX_DOCUMENTS } from "./postings.ts";
import { parseQuestion } from "./question.ts";

const WORDS_ONLY = "embedding:\n  provider: none\n";

interface Note {
	readonly id: string;
	readonly content: string;
	readonly project: string | null;
	readonly agent: string | undefined;
	readonly user: string | undefined;
	readonly isForgotten: boolean;
}

/** Memories in their order, stored as other programs do. */
async function home(notes: readonly Note[]): Promise<Workbench> {
	const bench = await workbench(WORDS_ONLY);
	await bench.database.write(async (writer) => {
		for (const { id, content, project, agent, user } of notes) {
			await writer.run(sql`INSERT INTO memories (id, content, type, project, created_at, updated_at, updated_by)
				VALUES (${id}, ${content}, 'fact', ${project}, '2026', '2026', 'test')`);
			await putMemoryOwner(writer, id, { ...(agent && { agent }), ...(user && { user }) });
		}
	});
	await bench.documents.catchUp();
	for (const { id, isForgotten } of notes) if (isForgotten) await forget(bench.database, id);
	await bench.documents.catchUp();
	return bench;
}

/** The memories of all documents, the newest first. */
async function memoriesOf({ database }: Workbench) {
	return database.read((reader) =>
		reader.all<{ doc: number; id: string }>(sql`SELECT doc, memory_id AS id FROM sgn_documents ORDER BY doc DESC`),
	);
}

async function match({ database, documents, corpus }: Workbench, query: string, filter: MemoryFilter) {
	const { wordCounts: counts, postings } = corpus;
	return database.read(async (reader) => {
		const { scope, project } = filter;
		const documentCount = isScoped(scope) ? await countDocuments(reader, scope) : documents.documentCount;
		const projectCount = project === undefined ? documentCount : await countDocuments(reader, { project, ...scope });
		const search = { filter, limit: 30, documentCount, projectCount, counts, postings };
		return matchWords(reader, parseQuestion(query), search);
	});
}

test("what somebody may see and asks for is found and counted exactly, whatever others have", async () => {
	const random = mulberry32(7);
	const oneOf = <T>(values: readonly T[]): T => values[Math.floor(random() ** 2 * values.length)] as T;
	const notes = Array.from(
		{ length: 1_500 },
		(_, at): Note => ({
			id: `note ${at}`,
			content: `${random() < 0.9 ? "heron" : "falcon"} ${random() < 0.05 ? "gannet" : "kestrel"} ${at}`,
			project: oneOf(["much", null, "some", "few"]),
			agent: oneOf([undefined, "fox", "owl"]),
			user: oneOf([undefined, "mia", "leo"]),
			isForgotten: random() < 0.02,
		}),
	);
	await using bench = await home(notes);
	const byId = new Map(notes.map((note) => [note.id, note]));
	const all = await memoriesOf(bench);
	const scopes = [undefined, "much", "few", "none"].flatMap((project) =>
		[undefined, "fox", "owl"].flatMap((agent) =>
			[undefined, "leo"].map(
				(user): MemoryScope => ({ ...(project && { project }), ...(agent && { agent }), ...(user && { user }) }),
			),
		),
	);
	for (const scope of scopes) {
		for (const project of [undefined, "some", "few"]) {
			const filter: MemoryFilter = { scope, ...(project && { project }) };
			const isMeant = ({ id }: { id: string }) => {
				const note = byId.get(id);
				return (
					note?.isForgotten === false &&
					(scope.project === undefined || note.project === scope.project) &&
					(scope.agent === undefined || note.agent === scope.agent) &&
					(scope.user === undefined || note.user === scope.user) &&
					(project === undefined || note.project === project)
				);
			};
			const meant = all.filter(isMeant);
			const allowed = await bench.database.read((reader) => documentsAllowed(reader, filter));
			expect([...allowed].sort((a, b) => b - a)).toEqual(meant.map(({ doc }) => doc));
			if (project === undefined)
				expect(await bench.database.read((reader) => countDocuments(reader, scope))).toBe(meant.length);
			for (const word of ["heron", "gannet", "gannet heron", "hero*"]) {
				const { words, lists } = await match(bench, word, filter);
				const expected = words.map(({ word, beginning }) =>
					meant
						.filter(({ id }) => byId.get(id)?.content.includes(beginning ? "hero" : word))
						.map(({ doc }) => doc)
						.slice(0, MAX_DOCUMENTS),
				);
				expect(lists.map(({ docs }) => docs)).toEqual(expected.filter((docs) => docs.length > 0));
				if (isScoped(scope)) {
					for (const [at, { documents }] of words.entries()) {
						const found = expected[at]?.length ?? 0;
						if (found < MAX_DOCUMENTS) expect(documents).toBe(found);
					}
				}
			}
		}
	}
}, 60_000);

test("how often somebody's memories have a word is said alike wherever those of others stand among them", async () => {
	const noteOf = (at: number, project: string): Note => ({
		id: `${project} ${at}`,
		content: `${project === "theirs" || at % 2 === 0 ? "heron" : "falcon"} ${at}`,
		project,
		agent: undefined,
		user: undefined,
		isForgotten: false,
	});
	const many = (project: string, length: number) => Array.from({ length }, (_, at) => noteOf(at, project));
	const documentsIn = async (notes: readonly Note[]) => {
		await using bench = await home(notes);
		return (await match(bench, "heron", { scope: { project: "mine" } })).words[0]?.documents;
	};
	const [mine, theirs] = [many("mine", 2_000), many("theirs", 2_000)];
	for (const notes of [mine, [...theirs, ...mine], [...mine, ...theirs]]) {
		expect(await documentsIn(notes)).toBeWithin(995, 1_006);
	}
	// So many are not counted any more, but looked at here and there.
	const others = many("theirs", 11_000);
	const alternating = many("mine", 11_000).flatMap((note, at) => [note, others[at] ?? note]);
	expect(await documentsIn(alternating)).toBeWithin(5_000, 6_000);
}, 60_000);
