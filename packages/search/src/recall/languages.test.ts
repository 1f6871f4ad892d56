import { describe, expect, test } from "bun:test";
import { EVERYTHING } from "@signet/core";
import { recall } from "../index.ts";
import { workbench } from "../testing/workbench.ts";

/** What a home knows, a question about one of it, and one that it cannot answer. */
const homes: readonly [language: string, notes: readonly string[], known: string, unknown: string][] = [
	[
		"German",
		["Der Server steht in Frankfurt", "Das Backup läuft um vier Uhr morgens", "Die Katze ist bei der Oma"],
		"Wo steht denn unser Server?",
		"Wie ist der Name der Schwester von Tom?",
	],
	[
		"French",
		["Le serveur est à Francfort", "La sauvegarde tourne à quatre heures", "Le chat est chez la grand-mère"],
		"Où est-ce que le serveur est ?",
		"Où est la clé de la voiture ?",
	],
	[
		"Spanish",
		["El servidor está en Fráncfort", "La copia se hace a las cuatro", "El gato está con la abuela"],
		"¿Dónde está el servidor?",
		"¿Cuál es el color de la bicicleta de Tom?",
	],
	[
		"Italian",
		["Il server si trova a Francoforte", "Il backup parte alle quattro", "Il gatto è con la nonna"],
		"Dove si trova il server?",
		"Qual è il colore della bicicletta di Tom?",
	],
	[
		"Portuguese",
		["O servidor fica em Frankfurt", "O backup corre às quatro da manhã", "O gato está com a avó"],
		"Onde é que fica o servidor?",
		"Qual é a cor da bicicleta do Tom?",
	],
	[
		"Dutch",
		["De server staat in Frankfurt", "De kopie draait om vier uur", "De kat is bij oma"],
		"Waar staat de server?",
		"Wat is de kleur van de fiets van Tom?",
	],
	[
		"Russian",
		["Сервер находится во Франкфурте", "Копия делается в четыре часа", "Кот живёт у бабушки"],
		"Где же находится наш сервер?",
		"Какого цвета велосипед у Тома?",
	],
	[
		"Japanese",
		["サーバーはフランクフルトにあります", "バックアップは午前四時に実行されます", "猫は祖母の家にいます"],
		"サーバーはどこにありますか",
		"自転車の色は何ですか",
	],
	["Chinese", ["服务器在法兰克福", "备份在凌晨四点运行", "猫在奶奶家"], "服务器在哪里？", "我的自行车是什么颜色的？"],
	[
		"Chinese, of a time",
		["备份在凌晨四点运行", "猫在奶奶家", "服务器在法兰克福"],
		"备份什么时候运行？",
		"我的生日是什么时候？",
	],
];

describe("a question in the language of what is known", () => {
	for (const provider of ["none", "embedded"]) {
		test.each(homes)(`is answered in %s, with vectors: ${provider}`, async (_, notes, known, unknown) => {
			await using bench = await workbench(`embedding:\n  provider: ${provider}\n`);
			for (const content of notes) await bench.store({ content });
			for (let n = 0; n < 20; n++) await bench.store({ content: `Meeting ${n} was about the garden` });
			const answer = await recall(bench, { query: known, limit: 5, filter: { scope: EVERYTHING } });
			expect(answer.results[0]?.content).toBe(notes[0] ?? "");
			expect(answer.abstain).toBeUndefined();
			const open = await recall(bench, { query: unknown, limit: 5, filter: { scope: EVERYTHING } });
			expect(open.abstain).toBe(true);
		});
	}
});
