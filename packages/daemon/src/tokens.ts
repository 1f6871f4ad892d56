/** What makes and judges tokens, for programs that do so without a daemon. */
export { type ListedToken, type TokenRequest, Tokens } from "./auth/tokens.ts";
