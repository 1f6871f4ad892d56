import { createHash } from "node:crypto";

/** A stand-in for the hub that models are downloaded from. */
export interface ModelHub extends Disposable {
	readonly url: string;
	/** What was asked for, in order, with the byte it was to begin from. */
	readonly asked: { path: string; fromByte: number }[];
}

export interface ModelHubOptions {
	readonly files: Readonly<Record<"model.onnx" | "tokenizer.json", Uint8Array | string>>;
	/** Sends other bytes of the model than the digest says. */
	readonly isLying?: boolean;
}

/** Large files are redirected to another path and told by their SHA-256, small ones come at once with Git's digest. */
export function startModelHub({ files, isLying = false }: ModelHubOptions): ModelHub {
	const asked: ModelHub["asked"] = [];
	const model = Buffer.from(files["model.onnx"]);
	const tokenizer = Buffer.from(files["tokenizer.json"]);
	const git = createHash("sha1").update(`blob ${tokenizer.length}\0`).update(tokenizer).digest("hex");
	const server = Bun.serve({
		hostname: "127.0.0.1",
		port: 0,
		fetch(request) {
			const { pathname: path } = new URL(request.url);
			asked.push({ path, fromByte: Number(/^bytes=(\d+)-$/.exec(request.headers.get("range") ?? "")?.[1] ?? 0) });
			if (path.endsWith("/resolve/main/tokenizer.json")) {
				return new Response(tokenizer, { headers: { etag: `"${git}"` } });
			}
			if (path.endsWith("/resolve/main/onnx/model_quantized.onnx")) {
				const sha256 = createHash("sha256").update(model).digest("hex");
				return new Response(null, { status: 302, headers: { location: "/cdn/model", "x-linked-etag": `"${sha256}"` } });
			}
			if (path === "/cdn/model") return new Response(isLying ? model.map((byte) => byte ^ 1) : model);
			return new Response("not found", { status: 404 });
		},
	});
	return {
		url: `http://127.0.0.1:${server.port}`,
		asked,
		[Symbol.dispose]: () => void server.stop(true),
	};
}
