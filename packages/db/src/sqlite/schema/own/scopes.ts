import type { OwnMigration } from "./migration.ts";

/** By what a scope finds its memories, so that whoever sees few of many need not wait for the others to be looked at. */
export const scopes: OwnMigration = {
	name: "scopes",
	statements: [
		"CREATE INDEX sgn_memories_project ON memories(project, COALESCE(is_deleted, 0), id) WHERE project IS NOT NULL",
		"CREATE INDEX sgn_memory_owners_agent ON sgn_memory_owners(agent) WHERE agent IS NOT NULL",
		"CREATE INDEX sgn_memory_owners_user ON sgn_memory_owners(user) WHERE user IS NOT NULL",
	],
};
