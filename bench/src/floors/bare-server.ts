/** The least that a server can be: one handler that answers the same small object. Prints its address. */
const [, , port = "0", bytes = "15"] = process.argv;
const body = JSON.stringify({ filler: "x".repeat(Number(bytes)) });
const server = Bun.serve({
	hostname: "127.0.0.1",
	port: Number(port),
	fetch: async (request) => {
		if (request.method === "POST") await request.json();
		return new Response(body, { headers: { "content-type": "application/json" } });
	},
});
console.log(server.url.origin);
