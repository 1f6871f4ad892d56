import { RequestError } from "../errors.ts";

/** An address is not asked, because of what it is or where it leads. Nothing was sent there. */
export class RefusedAddress extends RequestError {
	override readonly name = "RefusedAddress";

	constructor(message: string) {
		super(400, "forbidden_address", message);
	}
}
