/** The one way to addresses that come from outside. */

export { ask, contentOf, type OutgoingAnswer, type OutgoingRequest, type OutgoingWorld } from "./ask.ts";
export { OWNER, parseOutgoingUrl, type Reach, STRANGER, shownUrl } from "./outgoing-url.ts";
export { isLoopbackAddress, isPublicAddress } from "./public-address.ts";
export { RefusedAddress } from "./refused-address.ts";
