/** What the holders of tokens may do, by their roles. */
export const ROLES = ["admin", "operator", "agent", "readonly"] as const;
export type Role = (typeof ROLES)[number];

/** Which roles have a permission. */
const ROLES_WITH = {
	remember: ["admin", "operator", "agent"],
	recall: ["admin", "operator", "agent", "readonly"],
	modify: ["admin", "operator", "agent"],
	forget: ["admin", "operator", "agent"],
	recover: ["admin", "operator", "agent"],
	documents: ["admin", "operator", "agent"],
	/** Knowing which secrets there are; their values are nobody's. */
	secrets: ["admin", "operator", "agent"],
	connectors: ["admin", "operator"],
	diagnostics: ["admin", "operator"],
	analytics: ["admin", "operator"],
	admin: ["admin"],
} as const satisfies Record<string, readonly Role[]>;

export type Permission = keyof typeof ROLES_WITH;

/** All permissions there are. */
export const PERMISSIONS = Object.keys(ROLES_WITH).filter(isPermission);

export function isRole(value: unknown): value is Role {
	return ROLES.some((role) => role === value);
}

/** Whether a role has a permission. */
export function roleHas(role: Role, permission: Permission): boolean {
	return ROLES_WITH[permission].some((each) => each === role);
}

function isPermission(name: string): name is Permission {
	return name in ROLES_WITH;
}
