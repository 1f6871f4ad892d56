/**
 * English words whose stem does not show what they are a form of, after the word that they are a form of. A question asks
 * where somebody went, the answer says that she goes there. Forms that are words of their own as well (`bit`, `lives`,
 * `leaves`) are left out.
 */
const FORMS = `become became|begin began begun|blow blew blown|break broke broken|bring brought|build built|burn burnt|
buy bought|catch caught|choose chose chosen|come came|deal dealt|dig dug|draw drew drawn|dream dreamt|drink drank drunk|
drive drove driven|eat ate eaten|fall fell fallen|feed fed|feel felt|fight fought|find found|fly flew flown|
forget forgot forgotten|forgive forgave forgiven|freeze froze frozen|give gave given|go went gone|grow grew grown|
hang hung|hear heard|hide hid hidden|hold held|keep kept|know knew known|lay laid|lead led|learn learnt|leave left|
lend lent|lose lost|make made|mean meant|meet met|pay paid|prove proven|ride rode ridden|ring rang rung|rise rose risen|
run ran|say said|see saw seen|seek sought|sell sold|send sent|shake shook shaken|shoot shot|show shown|sing sang sung|
sink sank sunk|sit sat|sleep slept|speak spoke spoken|spend spent|spin spun|stand stood|steal stole stolen|stick stuck|
strike struck|swear swore sworn|swim swam swum|swing swung|take took taken|teach taught|tear tore torn|tell told|
think thought|throw threw thrown|understand understood|wake woke woken|wear wore worn|win won|write wrote written|
child children|foot feet|goose geese|knife knives|man men|mouse mice|person people|shelf shelves|tooth teeth|wife wives|
woman women|1 one|2 two|3 three|4 four|5 five|6 six|7 seven|8 eight|9 nine|10 ten|11 eleven|12 twelve|20 twenty|30 thirty`;

const BASES: ReadonlyMap<string, string> = new Map(
	FORMS.split(/\|\s*/).flatMap((line) => {
		const [base = "", ...forms] = line.split(" ");
		return forms.map((form) => [form, base] as const);
	}),
);

/** The word that a lower-case English word is an irregular form of; the digits of a small number; else itself. */
export function baseForm(word: string): string {
	return BASES.get(word) ?? word;
}
