/** A step of our own schema. Once released it never changes; what comes after it is another step. */
export interface OwnMigration {
	readonly name: string;
	readonly statements: readonly string[];
}
