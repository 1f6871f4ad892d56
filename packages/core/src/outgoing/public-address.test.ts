import { describe, expect, test } from "bun:test";
import { BlockList, isIP } from "node:net";
import fc from "fast-check";
import { isPublicAddress } from "./public-address.ts";

describe("of the internet", () => {
	test.each(["1.1.1.1", "8.8.8.8", "93.184.215.14", "172.15.255.255", "172.32.0.0", "2606:4700:4700::1111", "2a00::1"])(
		"is %p",
		(address) => {
			expect(isPublicAddress(address)).toBe(true);
		},
	);
});

describe("not of the internet", () => {
	test.each([
		"127.0.0.1",
		"127.255.255.255",
		"0.0.0.0",
		"0.1.2.3",
		"10.0.0.1",
		"100.64.0.1",
		"100.127.255.255",
		"169.254.169.254",
		"172.16.0.1",
		"172.31.255.255",
		"192.168.1.1",
		"192.0.0.1",
		"192.0.2.1",
		"192.88.99.1",
		"198.18.0.1",
		"198.51.100.1",
		"203.0.113.1",
		"224.0.0.1",
		"239.255.255.255",
		"240.0.0.1",
		"255.255.255.255",
		"::",
		"::1",
		"::127.0.0.1",
		"::ffff:127.0.0.1",
		"::ffff:8.8.8.8",
		"::ffff:0:8.8.8.8",
		"64:ff9b::7f00:1",
		"64:ff9b:1::a00:1",
		"100::1",
		"2001::1",
		"2001:db8::1",
		"2002:7f00:1::",
		"2002:0808:0808::1",
		"3fff::1",
		"5f00::1",
		"fc00::1",
		"fd12:3456::1",
		"fe80::1",
		"fe80::1%eth0",
		"fec0::1",
		"ff02::1",
		"4000::1",
		"2606:4700::1%1",
		"2130706433",
		"0x7f.1",
		"127.1",
		"0177.0.0.1",
		"localhost",
		"",
		"1.1.1.1 ",
	])("is %p", (address) => {
		expect(isPublicAddress(address)).toBe(false);
	});
});

/** The ranges that must not be reached, looked up by the runtime. */
const inside = { ipv4: new BlockList(), ipv6: new BlockList() };
for (const [net, prefix] of [
	["0.0.0.0", 8],
	["10.0.0.0", 8],
	["100.64.0.0", 10],
	["127.0.0.0", 8],
	["169.254.0.0", 16],
	["172.16.0.0", 12],
	["192.168.0.0", 16],
	["224.0.0.0", 4],
	["240.0.0.0", 4],
] as const) {
	inside.ipv4.addSubnet(net, prefix, "ipv4");
}
for (const [net, prefix] of [
	["::", 96],
	["::ffff:0:0", 96],
	["64:ff9b::", 96],
	["64:ff9b:1::", 48],
	["2002::", 16],
	["fc00::", 7],
	["fe80::", 10],
	["ff00::", 8],
] as const) {
	inside.ipv6.addSubnet(net, prefix, "ipv6");
}

test("no address of a range that is inside is of the internet, however it is written", () => {
	const v4 = fc.ipV4();
	const v6 = fc.oneof(
		fc.ipV6(),
		v4.map((address) => `::ffff:${address}`),
		v4.map((address) => `64:ff9b::${address}`),
		fc
			.tuple(fc.constantFrom("fc00", "fd00", "fe80", "febf", "ff0e", "2002"), fc.nat(0xffff))
			.map(([first, last]) => `${first}::${last.toString(16)}`),
	);
	fc.assert(
		fc.property(fc.oneof(v4, v6), (address) => {
			const family = isIP(address) === 4 ? "ipv4" : "ipv6";
			if (inside[family].check(address, family)) expect(isPublicAddress(address)).toBe(false);
		}),
		{ seed: 28, numRuns: 20_000 },
	);
});
