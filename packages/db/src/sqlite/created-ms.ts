import sql from "sql-template-tag";

/**
 * When `m`, a row of `memories`, was made, in milliseconds since the epoch: one scale for every form in which it may be
 * stored (ISO, SQLite's own, with an offset). What is no time at all counts as the epoch. The index
 * `sgn_memories_listed` is over this very expression, so it must not change without it. Words such as `now` mean another
 * time at each look, which an index cannot hold, and are kept out by the pattern.
 */
export const CREATED_MS = sql`COALESCE(CASE WHEN m.created_at GLOB '[0-9]*' THEN CAST(round((julianday(m.created_at) - 2440587.5) * 86400000) AS INTEGER) END, 0)`;
