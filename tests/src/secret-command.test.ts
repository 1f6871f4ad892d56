import { describe, expect, test } from "bun:test";
import { chmodSync, existsSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Home, until } from "./home.ts";

/** Each passphrase takes seconds to try. */
const TIMEOUT_MS = 120_000;
const PASSPHRASE = "correct horse battery";
const fixtures = join(import.meta.dir, "..", "contract", "fixtures", "secrets");

/** A file with a passphrase that is its owner's alone. */
function passphraseFile(home: Home, text = PASSPHRASE, name = "passphrase"): string {
	const file = join(home.folder, name);
	writeFileSync(file, `${text}\n`, { mode: 0o600 });
	return file;
}

describe("signet secret", () => {
	test(
		"stores, lists and removes, and shows no value",
		async () => {
			await using home = new Home();
			await home.serve();
			expect((await home.run(["secret", "list"])).stderr).toContain("There are no secrets");
			const put = await home.run(["secret", "put", "DEPLOY"], { stdin: "dk-live-1\n" });
			expect(put).toMatchObject({ code: 0, stderr: "" });
			expect(put.stdout).toContain("DEPLOY is stored");
			const shown = await home.run(["secret", "put", "SHOWN", "in-the-command"]);
			expect(shown.code).toBe(0);
			expect(shown.stderr).toContain("other programs see it");
			expect(await home.json("secret", "list")).toEqual({ secrets: ["DEPLOY", "SHOWN"] });
			expect((await home.run(["secret", "list"])).stdout).toBe("DEPLOY\nSHOWN\n");
			expect(await home.run(["secret", "has", "DEPLOY"])).toMatchObject({ code: 0, stdout: "true\n" });
			expect(await home.run(["secret", "has", "NONE"])).toMatchObject({ code: 1, stdout: "false\n" });
			const get = await home.run(["secret", "get", "DEPLOY"]);
			expect(get).toMatchObject({ code: 4, stdout: "" });
			expect(get.stderr).toContain("$secret:DEPLOY");
			expect((await home.run(["secret", "delete", "SHOWN"])).code).toBe(2);
			expect((await home.run(["secret", "delete", "SHOWN", "--yes"])).code).toBe(0);
			expect((await home.run(["secret", "delete", "SHOWN", "--yes"])).code).toBe(5);
			expect((await home.run(["secret", "put", "bad-name"], { stdin: "x" })).stderr).toContain("Invalid secret name");
			expect((await home.run(["secret", "put", "EMPTY"], { stdin: "\n" })).code).toBe(2);
			expect((await home.run(["secret", "put", "exec"], { stdin: "x" })).code).toBe(2);
			const check = await home.run(["secret", "check"]);
			expect(check.code).toBe(0);
			expect(check.stdout).toContain("1 secret, all of them can be opened");
			expect(statSync(home.paths.secretsFile).mode & 0o777).toBe(0o600);
			const { stdout } = await home.run(["logs", "--category", "secrets"]);
			expect(stdout).toContain('{"name":"DEPLOY"}');
			expect(stdout).not.toContain("dk-live");
		},
		TIMEOUT_MS,
	);

	test(
		"says that the daemon is not running, where one is needed",
		async () => {
			await using home = new Home();
			for (const args of [
				["list"],
				["put", "A", "a"],
				["delete", "A", "--yes"],
				["has", "A"],
				["unlock", "--passphrase-file", passphraseFile(home)],
			]) {
				expect([args[0], (await home.run(["secret", ...args])).code]).toEqual([args[0], 3]);
			}
			expect((await home.run(["secret", "check"])).stdout).toContain("There are no secrets");
			expect(existsSync(home.paths.secretsFolder)).toBe(false);
		},
		TIMEOUT_MS,
	);
});

test(
	"what cannot be opened is found by check and doctor, with names and reasons",
	async () => {
		await using home = new Home();
		const { machineId } = JSON.parse(readFileSync(join(fixtures, "damaged.expected.json"), "utf8"));
		home.write({
			".agents/.secrets/secrets.enc": readFileSync(join(fixtures, "damaged.enc"), "utf8"),
			".agents/.secrets/.machine-id": machineId,
			".agents/agent.yaml": "embedding:\n  provider: openai\n  api_key: $secret:NOT_THERE\n",
		});
		const { code, stdout } = await home.run(["secret", "check"]);
		expect(code).toBe(1);
		expect(stdout).toContain("6 of 8 secrets cannot be opened");
		expect(stdout).toContain("TRUNCATED: what is stored is damaged");
		expect(stdout).toContain("FLIPPED_TAG: sealed on another machine, or damaged");
		expect(stdout).toContain("Not proved to belong to their names: GOOD, ALSO_GOOD");
		expect(stdout).toContain(home.paths.secretsFile);
		const doctor = await home.run(["doctor", "--json"]);
		expect(doctor.code).toBe(1);
		const findings: { check: string; status: string; message: string }[] = JSON.parse(doctor.stdout).findings;
		const ofSecrets = findings.filter(({ check }) => check === "secrets");
		expect(ofSecrets[0]).toMatchObject({ status: "fail" });
		expect(ofSecrets[0]?.message).toContain("6 of 8 secrets cannot be opened: FLIPPED_NONCE");
		expect(ofSecrets.map(({ message }) => message)).toContain(
			"embedding.api_key is $secret:NOT_THERE, and there is no such secret",
		);
		expect(ofSecrets.some(({ message }) => message.startsWith("other users of this machine"))).toBe(true);
	},
	TIMEOUT_MS,
);

test(
	"a passphrase locks the vault for whoever does not say it, and a running daemon is told",
	async () => {
		await using home = new Home();
		const { process: first } = await home.serve();
		await home.run(["secret", "put", "A"], { stdin: "a" });
		await home.run(["secret", "policy", "A", "--use", "allow"]);
		const file = passphraseFile(home);
		expect(await home.run(["secret", "rekey", "--passphrase-file", file])).toMatchObject({
			code: 2,
			stderr: expect.stringContaining("--to passphrase"),
		});
		const rekeyed = await home.run(["secret", "rekey", "--to", "passphrase", "--passphrase-file", file]);
		expect(rekeyed).toMatchObject({ code: 0, stderr: "" });
		expect(rekeyed.stdout).toContain("1 secret is sealed anew, by a passphrase");
		expect((await home.run(["secret", "put", "B"], { stdin: "b" })).code).toBe(0);
		first.kill();
		await first.exited;

		await home.serve();
		const locked = await home.run(["secret", "put", "C"], { stdin: "c" });
		expect(locked.code).toBe(1);
		expect(locked.stderr).toContain("signet secret unlock");
		expect((await home.run(["secret", "policy"])).stderr).toContain("The secrets are locked");
		expect((await home.run(["secret", "policy"])).stderr).not.toContain("put the vault back");
		expect((await home.run(["doctor"])).stdout).toContain("2 secrets, sealed: ");
		// The daemon looks after them some seconds after its start.
		await until(async () => (await home.run(["status"])).stdout.includes("2 secrets, locked: ") || undefined);
		expect((await home.run(["secret", "unlock", "--passphrase-file", file])).code).toBe(0);
		expect((await home.run(["secret", "put", "C"], { stdin: "c" })).code).toBe(0);
		await until(async () => (await home.get("/api/status")).body.secrets?.state === "open" || undefined);
		expect((await home.run(["status"])).stdout).not.toContain("locked");
		expect((await home.run(["doctor"])).stdout).toContain("3 secrets, sealed, and open to the daemon");
		const check = await home.run(["secret", "check"]);
		expect(check.stdout).toContain("3 secrets, locked");
		expect(check.stdout).toContain("SIGNET_SECRETS_PASSPHRASE_FILE");

		const env = { SIGNET_SECRETS_PASSPHRASE_FILE: file };
		expect((await home.run(["secret", "rekey", "--to", "machine"], { env })).code).toBe(0);
		expect((await home.run(["secret", "check"])).stdout).toContain("3 secrets, all of them can be opened");
		chmodSync(file, 0o644);
		expect((await home.run(["secret", "unlock", "--passphrase-file", file])).stderr).toContain("chmod 600");
	},
	TIMEOUT_MS,
);

test(
	"secrets go to another home in a file that says nothing without its passphrase",
	async () => {
		await using home = new Home();
		await home.serve();
		for (const name of ["A", "B"]) await home.run(["secret", "put", name], { stdin: `value of ${name}` });
		const file = passphraseFile(home);
		const bundle = join(home.folder, "secrets.json");
		const exported = await home.run(["secret", "export", bundle, "--passphrase-file", file]);
		expect(exported.stdout).toContain(`2 secrets in ${bundle}`);
		expect(statSync(bundle).mode & 0o777).toBe(0o600);
		expect(readFileSync(bundle, "utf8")).not.toContain("value of");
		expect((await home.run(["secret", "export", bundle, "--passphrase-file", file])).code).toBe(6);

		await using other = new Home();
		await other.serve();
		await other.run(["secret", "put", "A"], { stdin: "own" });
		const imported = await other.run(["secret", "import", bundle, "--passphrase-file", file, "--json"]);
		expect(JSON.parse(imported.stdout)).toEqual({ added: ["B"], replaced: [], kept: ["A"] });
		expect(await other.json("secret", "list")).toEqual({ secrets: ["A", "B"] });
		const wrong = passphraseFile(other, "wrong horse battery", "wrong");
		const refused = await other.run(["secret", "import", bundle, "--passphrase-file", wrong]);
		expect(refused.code).toBe(2);
		expect(refused.stderr).toContain("not the passphrase of the file");
		expect((await other.run(["secret", "import", bundle])).stderr).toContain("--passphrase-file");

		const gone = join(home.folder, "gone", "file");
		for (const [args, code, told] of [
			[["import", gone, "--passphrase-file", file], 5, `${gone} is not there`],
			[["import", bundle, "--passphrase-file", gone], 1, `there is no file ${gone}`],
			[["export", gone, "--passphrase-file", file], 1, `there is no folder ${join(home.folder, "gone")}`],
		] as const) {
			const { stderr, ...outcome } = await other.run(["secret", ...args]);
			expect([args, outcome.code]).toEqual([args, code]);
			expect(stderr).toContain(told);
			expect(stderr).not.toContain("ENOENT");
		}
	},
	TIMEOUT_MS,
);
