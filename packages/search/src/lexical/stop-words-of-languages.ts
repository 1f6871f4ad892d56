import { tokenise } from "./tokenise.ts";

/**
 * Function words of other languages than English, by hand: articles, pronouns, prepositions, question words and the forms of
 * `be`, `have` and `do`. They say nothing about what a question is about. Which language a question is in shows by how many
 * of them it has; words that are rather about something in another language (`sole`, `die` as an English verb) hurt nobody,
 * because a question is taken to be in one language.
 */
const LANGUAGES: readonly string[] = [
	// German
	"aber als am an auch auf aus bei beim bin bis da damit dann das dass dein deine dem den der des dich die dies diese dieser " +
		"dir doch du durch ein eine einem einen einer eines er es euch euer für gegen habe haben hat hatte hier ich ihm ihn ihr " +
		"ihre im in ist ja jede jeder jedes kann kein keine können man mein meine meinem meinen meiner mich mir mit muss nach " +
		"nicht noch nur ob oder ohne schon sein seine sich sie sind so soll sollen über um und uns unser unsere unserem unseren " +
		"unserer unter viel viele vom von vor wann war waren warum was welche welchem welchen welcher welches wem wen wenn wer " +
		"werden weshalb wie wieso wieviel wir wird wo wobei wohin wofür womit worden wurde wurden zu zum zur zwischen",
	// French
	"à ai as au aux avec avez avons avait ce ces cet cette ceux chez combien comment dans de depuis des donc dont du elle elles " +
		"en entre es est et était étaient été être eu faire fait il ils je la là laquelle le lequel les leur leurs lui ma mais me " +
		"mes moi mon ne nos notre nous on ont où ou par pas pendant peut plus pour pourquoi quand que quel quelle quelles quels " +
		"qui quoi sa sans se sera ses si son sont sous suis sur ta te tes toi ton tous tout toute très tu un une vers vos votre " +
		"vous y c d j l m n qu s t est-ce",
	// Spanish
	"a al algo ante aquel aquella así aún aunque como cómo con cual cuál cuáles cuando cuándo cuanta cuánta cuántas cuanto " +
		"cuánto cuántos de del desde donde dónde dos durante el él ella ellas ellos en entre era eran eres es esa ese eso esta " +
		"está estaba estamos están estar este esto estos fue fueron ha haber había hace hacer hacia han has hasta hay he la las " +
		"le les lo los me mi mí mis muy nada ni no nos nosotros nuestra nuestras nuestro nuestros o os para pero por porque qué " +
		"que quién quien quiénes se sea ser si sí sin sobre somos son soy su sus también te tiene tienen tienes tu tú tus un " +
		"una unas uno unos vosotros y ya yo",
	// Italian
	"a ad agli ai al alla alle allo anche che chi ci ciò col come con cosa cui da dagli dai dal dalla dalle dallo degli dei del " +
		"della delle dello di dove e è ed era erano essere fa fare fra gli ha hai hanno ho i il in io la le lei li lo loro lui ma " +
		"me mi mia mie miei mio ne negli nei nel nella nelle nello noi non nostra nostre nostri nostro o per perché più possono " +
		"può quale quali quando quanta quante quanti quanto quella quelle quelli quello questa queste questi questo se sei si sia " +
		"siamo sono sta stata stati stato su sua sue sugli sui sul sulla suo suoi ti tra tu tua tue tuo tuoi un una uno vi viene " +
		"vengono voi vostra vostro c d l",
	// Portuguese
	"a à ao aos as às até com como da das de dela dele deles depois do dos e é ela elas ele eles em entre era eram és essa esse " +
		"esta está estão estava este estou eu fazer foi foram há isso isto já lhe mais mas me meu meus mesmo minha minhas muito " +
		"na não nas nem no nos nós nossa nossas nosso nossos num numa o onde os ou para pela pelas pelo pelos por porque porquê " +
		"pode qual quais quando quanta quantas quanto quantos que quê quem são se sem ser será seu seus sou sua suas também te " +
		"tem têm tenho ter teu tinha tu tua um uma umas uns você vocês",
	// Dutch
	"aan al als ben bent bij dan dat de deze die dit doen doet door een en er gaat geen had heb hebben heeft hem het hier hij " +
		"hoe hoeveel hun ik in is ja je jij jou jouw jullie kan kunnen maar me met mij mijn moet na naar niet nog nu of om onder " +
		"ons onze ook op over te tegen ten tot uit uw van vanaf voor waar waarom wanneer waren was wat we wel welk welke werd " +
		"worden wordt wie wij wil zal ze zich zij zijn zo zonder zou",
	// Russian
	"а без более бы был была были было быть в вам вас весь во вот все всё всех вы где да для до его её если есть ещё же за " +
		"здесь и из или им их к как какая какие какого какое какой какую когда кого ком кому которая которые который кто куда ли " +
		"мне мной много моего моей мои мой мою моя мы на над нам нас наш наша наше наши не него неё нет ни них но ну о об один он " +
		"она они оно от откуда перед по под почему при про с сам свой своя себя сколько со так такой там те тебя тем то тобой " +
		"того тоже той только том тот ту ты у уже чего чей чем что чтобы это этого этой этом этот эту я",
];

/** What has no more letters than that may be an abbreviation: `AI roadmap` is no French, `MIT licence` no German. */
const ABBREVIATION = /^[a-z]{1,3}$/;

/** Languages that are asked for, by the words as they are indexed. Made when the first question comes: stemming takes time. */
let languages: readonly ReadonlySet<string>[] | undefined;

/**
 * The stop words of the language, other than English, that a question is in; none when it is in English, or shows no other.
 * @param tokens all of its words, as they are indexed
 * @param isEnglish whether a word is an English stop word
 */
export function foreignStopWords(
	tokens: readonly string[],
	isEnglish: (token: string) => boolean,
): ReadonlySet<string> {
	languages ??= LANGUAGES.map((words) => new Set(words.split(" ").flatMap(tokenise)));
	let most = tokens.filter(isEnglish).length;
	let chosen: ReadonlySet<string> = new Set();
	for (const words of languages) {
		const known = tokens.filter((token) => words.has(token));
		if (known.length <= most || (known.length === 1 && ABBREVIATION.test(known[0] ?? ""))) continue;
		most = known.length;
		chosen = words;
	}
	return chosen;
}
