import { expect, test } from "bun:test";
import {
	existsSync,
	lstatSync,
	mkdirSync,
	mkdtempSync,
	readFileSync,
	rmSync,
	statSync,
	symlinkSync,
	writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { workspacePaths } from "@signet/core";
import { editConfigFile } from "./edit-config-file.ts";

function workspace(): Disposable & { root: string } {
	const folder = mkdtempSync(join(tmpdir(), "signet-edit-"));
	return { root: join(folder, ".agents"), [Symbol.dispose]: () => rmSync(folder, { recursive: true }) };
}

test("a file that is missing is made, for its owner alone, and so is the workspace", async () => {
	using place = workspace();
	const paths = workspacePaths(place.root);
	const edit = await editConfigFile(paths, (text) => `${text}a: 1\n`);
	expect(edit).toEqual({ file: join(place.root, "agent.yaml"), before: "", after: "a: 1\n" });
	expect(readFileSync(edit.file, "utf8")).toBe("a: 1\n");
	expect(statSync(edit.file).mode & 0o777).toBe(0o600);
	expect(statSync(place.root).mode & 0o777).toBe(0o700);
});

test("the file that is in force is the one that changes", async () => {
	using place = workspace();
	mkdirSync(place.root);
	writeFileSync(join(place.root, "config.yaml"), "a: 1\n");
	// What is no file is passed over.
	mkdirSync(join(place.root, "agent.yaml"));
	const { file } = await editConfigFile(workspacePaths(place.root), (text) => `${text}b: 2\n`);
	expect(file).toBe(join(place.root, "config.yaml"));
	expect(readFileSync(file, "utf8")).toBe("a: 1\nb: 2\n");
});

test("a link stays a link, and what it leads to changes", async () => {
	using place = workspace();
	mkdirSync(place.root);
	const real = join(place.root, "dotfiles.yaml");
	writeFileSync(real, "a: 1\n");
	symlinkSync(real, join(place.root, "agent.yaml"));
	await editConfigFile(workspacePaths(place.root), () => "a: 2\n");
	expect(lstatSync(join(place.root, "agent.yaml")).isSymbolicLink()).toBe(true);
	expect(readFileSync(real, "utf8")).toBe("a: 2\n");
});

test("an edit that fails, or changes nothing, writes nothing and lets the next one in", async () => {
	using place = workspace();
	const paths = workspacePaths(place.root);
	const failing = editConfigFile(paths, () => {
		throw new Error("no");
	});
	expect(failing).rejects.toThrow("no");
	await failing.catch(() => undefined);
	await editConfigFile(paths, (text) => text);
	expect(existsSync(join(place.root, "agent.yaml"))).toBe(false);
	expect((await editConfigFile(paths, () => "a: 1\n")).before).toBe("");
});

test("a link to what is no configuration is left alone", async () => {
	using place = workspace();
	mkdirSync(place.root);
	const real = join(place.root, ".bashrc");
	writeFileSync(real, "a: 1\n");
	symlinkSync(real, join(place.root, "agent.yaml"));
	const refusal = await editConfigFile(workspacePaths(place.root), () => "a: 2\n").catch((error: Error) => error);
	expect(String(refusal)).toContain("which is no YAML file");
	expect(readFileSync(real, "utf8")).toBe("a: 1\n");
});
