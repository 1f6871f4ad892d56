/** Put in when the program is built (`SIGNET_RELEASE_KEY`); empty in the sources, which are updated by other means. */
export const BUILT_IN_KEY: string = "";
