import { describe, expect, test } from "bun:test";
import { parseQuestion } from "./question.ts";

const words = (query: string) => parseQuestion(query).words.map(({ word }) => word);

describe("what a question is about, without the function words of its language", () => {
	test.each([
		["Wo steht der Server?", ["steht", "server"]],
		["Où se réunit l'équipe ?", ["reunit", "equip"]],
		["¿Qué prefiere el equipo?", ["prefier", "equipo"]],
		["Quando viene eseguito il backup?", ["eseguito", "backup"]],
		["Quando é executado o backup do banco?", ["executado", "backup", "banco"]],
		["Wanneer draait de back-up van de database?", ["draait", "back", "back-up", "backup", "databas"]],
		["Где находится сервер?", ["находится", "сервер"]],
		["りんごの価格は?", ["りん", "んこ", "価格"]],
		["会議は何時に始まりますか", ["会議", "始ま", "まり"]],
		["备份什么时候运行？", ["备份", "运行"]],
		["我住在哪里？", ["我住", "住在"]],
	])("%p", (query, expected) => {
		expect(words(query)).toEqual(expected);
	});

	test("words that are function words elsewhere are kept in an English question", () => {
		expect(words("Why did the die cast model die?")).toEqual(["die", "cast", "model"]);
		expect(words("What did Jean say about La Croix?")).toEqual(["jean", "sai", "la", "croix"]);
	});

	test.each([
		["AI roadmap", ["ai", "roadmap"]],
		["MIT license", ["mit", "licens"]],
		["C compiler", ["c", "compil"]],
		["EU regulation", ["eu", "regul"]],
	])("an abbreviation that is a function word elsewhere is kept: %p", (query, expected) => {
		expect(words(query)).toEqual(expected);
	});

	test("a question of nothing else is asked for by all of its words", () => {
		expect(words("wer ist das")).toEqual(["wer", "ist", "da"]);
		expect(words("これは何ですか")).not.toEqual([]);
	});
});
