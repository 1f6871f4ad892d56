import { type Browser, chromium } from "playwright-core";

/** Where Debian and others put it, besides what the environment says. */
const PLACES = ["chromium", "chromium-browser", "google-chrome"];

/** The browser of this machine, if there is one. */
export const chromiumFile: string | undefined =
	process.env.SIGNET_CHROMIUM || PLACES.flatMap((name) => Bun.which(name) ?? [])[0];

/** Start it without a window; every name that ends in `.test` is this machine. */
export function launchChromium(): Promise<Browser> {
	return chromium.launch({
		executablePath: chromiumFile ?? "",
		args: [
			"--no-sandbox",
			"--disable-gpu",
			"--disable-background-networking",
			"--disable-component-update",
			"--disable-sync",
			"--no-first-run",
			// What Chromium does by itself against this kind of attack is left out: other browsers do not.
			"--disable-features=LocalNetworkAccessChecks,PrivateNetworkAccessSendPreflights,BlockInsecurePrivateNetworkRequests",
			"--host-resolver-rules=MAP *.test 127.0.0.1",
		],
	});
}
