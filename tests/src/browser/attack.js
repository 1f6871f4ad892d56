// What a page tries that wants into the daemon. It is served to a real browser as it stands.

/** How long an element may take to load what it is pointed at. */
const PATIENCE_MS = 3_000;
const AT_ONCE = 6;
const MODES = [
	{ mode: "cors", credentials: "omit" },
	{ mode: "cors", credentials: "include" },
	{ mode: "no-cors", credentials: "include" },
	{ mode: "same-origin", credentials: "include" },
];

/**
 * Ask for everything in every way a page can. Gives what the page could read of it.
 *
 * @param {{ method: string, path: string, body?: string }[]} targets
 * @param {string} base Where the daemon is: `http://127.0.0.1:3850`, or nothing for the page's own origin.
 * @returns {Promise<{ way: string, path: string, status: number, text: string }[]>}
 */
globalThis.attack = async (targets, base) => {
	const read = [];
	const rest = [...targets];
	const worker = async () => {
		for (let target = rest.shift(); target; target = rest.shift()) {
			const ways = [...byFetch(target, base), byXhr(target, base), byForm(target, base), byBeacon(target, base)];
			if (target.method === "GET")
				ways.push(...byElements(target, base), byStream(target, base), bySocket(target, base));
			for (const found of await Promise.all(ways)) if (found) read.push({ path: target.path, ...found });
		}
	};
	await Promise.all(Array.from({ length: AT_ONCE }, worker));
	return read;
};

function byFetch({ method, path, body }, base) {
	const types = body === undefined ? [undefined] : ["text/plain", "application/json"];
	return types.flatMap((type) =>
		MODES.map(async ({ mode, credentials }) => {
			try {
				const headers = type === undefined ? {} : { "content-type": type };
				const response = await fetch(base + path, { method, mode, body, headers, credentials });
				return { way: `fetch ${mode}`, status: response.status, text: await response.text() };
			} catch {
				return undefined;
			}
		}),
	);
}

function byXhr({ method, path, body }, base) {
	return new Promise((resolve) => {
		const request = new XMLHttpRequest();
		request.open(method, base + path);
		request.onload = () => resolve({ way: "xhr", status: request.status, text: request.responseText });
		request.onerror = () => resolve(undefined);
		request.send(body);
	});
}

/** A form sends its fields as text that can be made to be JSON; its answer comes into a frame. */
function byForm({ method, path, body }, base) {
	const frame = document.createElement("iframe");
	frame.name = `frame${Math.random()}`;
	document.body.append(frame);
	const form = document.createElement("form");
	form.method = method === "GET" ? "get" : "post";
	form.enctype = "text/plain";
	form.action = base + path;
	form.target = frame.name;
	const field = document.createElement("input");
	field.name = `${(body ?? "{}").slice(0, -1)}${body && body !== "{}" ? "," : ""}"x":"`;
	field.value = '"}';
	form.append(field);
	document.body.append(form);
	return inFrame(frame, "form", () => form.submit());
}

async function byBeacon({ path, body }, base) {
	navigator.sendBeacon(base + path, body ?? "{}");
	return undefined;
}

function byElements({ path }, base) {
	const frame = document.createElement("iframe");
	const embedded = document.createElement("embed");
	const pointed = [
		["img", "src"],
		["script", "src"],
		["link", "href"],
		["object", "data"],
		["video", "src"],
		["audio", "src"],
	].map(([name, attribute]) => {
		const element = document.createElement(name);
		if (name === "link") element.rel = "stylesheet";
		return loaded(element, name, () => element.setAttribute(attribute, base + path));
	});
	const module = import(base + path).then(
		(value) => ({ way: "import", status: 0, text: JSON.stringify(value) }),
		() => undefined,
	);
	return [
		...pointed,
		module,
		inFrame(frame, "iframe", () => {
			frame.src = base + path;
			document.body.append(frame);
		}),
		inFrame(embedded, "embed", () => {
			embedded.src = base + path;
			document.body.append(embedded);
		}),
	];
}

/** That an element loads tells a page something already. */
function loaded(element, way, begin) {
	return new Promise((resolve) => {
		element.onload = () => resolve({ way, status: 0, text: "loaded" });
		element.onloadedmetadata = element.onload;
		element.onerror = () => resolve(undefined);
		setTimeout(resolve, PATIENCE_MS);
		begin();
		document.body.append(element);
	}).finally(() => element.remove());
}

/** A frame loads whatever happens, an error page too: what counts is what can be read of it. */
function inFrame(frame, way, begin) {
	return new Promise((resolve) => {
		const look = () => {
			try {
				const inner = frame.contentDocument ?? frame.getSVGDocument?.();
				const text = inner?.documentElement.textContent ?? "";
				resolve(text === "" ? undefined : { way, status: 0, text });
			} catch {
				resolve(undefined);
			}
		};
		setTimeout(look, PATIENCE_MS);
		begin();
		// What a frame has loaded before is its empty page.
		setTimeout(() => {
			frame.onload = look;
		}, 0);
	}).finally(() => frame.remove());
}

function byStream({ path }, base) {
	return new Promise((resolve) => {
		const stream = new EventSource(base + path, { withCredentials: true });
		stream.onmessage = ({ data }) => resolve({ way: "stream", status: 200, text: data });
		stream.onopen = () => resolve({ way: "stream", status: 200, text: "opened" });
		stream.onerror = () => resolve(undefined);
	});
}

function bySocket({ path }, base) {
	return new Promise((resolve) => {
		const socket = new WebSocket((base || location.origin).replace("http", "ws") + path);
		socket.onopen = () => resolve({ way: "socket", status: 101, text: "opened" });
		socket.onerror = () => resolve(undefined);
	});
}
