import { describe, expect, test } from "bun:test";
import { uzbekLatin, uzbekSpelling } from "../../src/domain/uzbek.ts";
import { uzbekDecimal, uzbekNumber, uzbekOrdinal } from "../../src/domain/uzbek_numbers.ts";
import { quotedEnglish, spokenUzbek } from "../../src/domain/uzbek_speech.ts";

describe("uzbekLatin()", () => {
  test.each([
    ["абвгдёжзийклмнопрстуфхчшэюя", "abvgdyojziyklmnoprstufxchsheyuya"],
    ["ўқғҳ ЎҚҒҲ Ўқғҳ", "oʻqgʻh OʻQGʻH Oʻqgʻh"],
    ["Ўзбекистон Республикаси", "Oʻzbekiston Respublikasi"],
    ["ер поезд бер елка мактаб", "yer poyezd ber yelka maktab"],
    ["объект субъект съезд", "obyekt subyekt syezd"],
    ["маъно санъат эълон", "maʼno sanʼat eʼlon"],
    ["цирк лицей акция конституция", "sirk litsey aksiya konstitutsiya"],
    ["сентябрь Октябрь НОЯБРЬ июль", "sentabr Oktabr NOYABR iyul"],
    ["Исҳоқ", "Isʼhoq"],
    ["Чой ЧОЙ Шаҳар ШАҲАР Ю ЮНЕСКО Ёш", "Choy CHOY Shahar SHAHAR Yu YUNESKO Yosh"],
    ["Men 5 та olma olaman", "Men 5 ta olma olaman"],
    ["already Latin, ʻuntouchedʼ", "already Latin, ʻuntouchedʼ"],
  ])("%s is %s", (cyrillic, latin) => {
    expect(uzbekLatin(cyrillic)).toBe(latin);
  });

  test("nothing Cyrillic is left of the alphabet, in either case", () => {
    const alphabet = "абвгдеёжзийклмнопрстуфхцчшъьэюяўқғҳыщ";
    expect(uzbekLatin(`${alphabet} ${alphabet.toUpperCase()}`)).not.toMatch(/\p{Script=Cyrillic}/u);
  });
});

test("every apostrophe becomes the one of the letter", () => {
  for (const mark of "'`\u00B4\u02B9\u02BB\u02BC\u02BD\u2018\u2019\u201B\u2032\uFF07") {
    expect(uzbekSpelling(`O${mark}zbek tog${mark}lari ma${mark}no tog${mark}`)).toBe("Oʻzbek togʻlari maʼno togʻ");
    expect(uzbekSpelling(`${mark}salom${mark} dedi`)).toBe(" salom  dedi");
  }
  expect(uzbekSpelling("õğşç Õǵ")).toBe("oʻgʻshch Oʻgʻ");
});

describe("numbers", () => {
  test.each([
    ["0", "nol"],
    ["10", "oʻn"],
    ["21", "yigirma bir"],
    ["100", "yuz"],
    ["999", "toʻqqiz yuz toʻqson toʻqqiz"],
    ["1000", "ming"],
    ["1991", "ming toʻqqiz yuz toʻqson bir"],
    ["11000", "oʻn bir ming"],
    ["1000000", "bir million"],
    ["2000001001", "ikki milliard ming bir"],
    ["999999999999999", /^toʻqqiz yuz toʻqson toʻqqiz trillion .* toʻqson toʻqqiz$/],
    ["007", "nol nol yetti"],
    ["1234567890123456", /^bir ikki uch .* besh olti$/],
  ])("%s", (digits, words) => {
    expect(uzbekNumber(digits)).toMatch(words instanceof RegExp ? words : new RegExp(`^${words}$`));
  });

  test("ordinals and decimals", () => {
    expect(["1", "2", "5", "6", "20", "30", "100", "1000"].map(uzbekOrdinal)).toEqual(
      "birinchi ikkinchi beshinchi oltinchi yigirmanchi oʻttizinchi yuzinchi minginchi".split(" "),
    );
    expect(uzbekDecimal("3", "5")).toBe("uch butun oʻndan besh");
    expect(uzbekDecimal("0", "05")).toBe("nol butun yuzdan besh");
    expect(uzbekDecimal("3", "14159")).toBe("uch butun bir toʻrt bir besh toʻqqiz");
  });
});

test.each([
  ["5-sinf 2024-yilda", "beshinchi sinf ikki ming yigirma toʻrtinchi yilda"],
  ["10ta 5kg 3 km 10 g'oz", "oʻnta besh kilogramm uch kilometr oʻn gʻoz"],
  ["5-6 kishi, 2-chi 10-nchi.", "besh-olti kishi, ikkinchi oʻninchi ."],
  ["17:30, 8:00, 09:05", "oʻn yetti oʻttiz, sakkiz nol nol, toʻqqiz nol besh"],
  ["3,5 3.5 25%", "uch butun oʻndan besh uch butun oʻndan besh yigirma besh foiz"],
  ["01.09.2024 kuni", "birinchi sentabr ikki ming yigirma toʻrtinchi yil kuni"],
  ["1 000 000 soʻm", "bir million soʻm"],
  ["XXI asr, IX asrda", "yigirma birinchi asr, toʻqqizinchi asrda"],
  ["AQShda BMT va h.k.", "Amerika Qoʻshma Shtatlarida Birlashgan Millatlar Tashkiloti va hokazo"],
  ["-5 daraja, №7", "minus besh daraja, raqam yetti"],
  ["Жами 12 та.", "Jami oʻn ikki ta."],
  ["Bugun 5. Ertaga 6.", "Bugun besh. Ertaga olti."],
])("%s is said as %s", (written, said) => {
  expect(spokenUzbek(written).replace(/ +/g, " ")).toBe(said);
});

describe("English in quotes", () => {
  const english = (text: string) =>
    quotedEnglish(text)
      .filter(({ isEnglish }) => isEnglish)
      .map(({ text }) => text);

  test.each(['"good morning"', "“He goes to school.”", '"apple"', '"teacher"', "«I am happy»", '"library"', "„house”"])(
    "%s is said in English",
    (quoted) => {
      expect(english(`Bu yerda ${quoted} deymiz.`)).toEqual([quoted]);
      expect(
        quotedEnglish(`Bu yerda ${quoted} deymiz.`)
          .map(({ text }) => text)
          .join(""),
      ).toBe(`Bu yerda ${quoted} deymiz.`);
    },
  );

  test.each([
    '"kitob"',
    "«Oʻtkan kunlar»",
    '"O\'zbekiston"',
    '"teatr"',
    '"okean"',
    '"maktabga bordim"',
    '"123"',
    '"Мактаб"',
    '"reaksiya"',
  ])("%s is not", (quoted) => {
    expect(english(`U ${quoted} dedi.`)).toEqual([]);
  });
});

test("texts made to hold it up do not", () => {
  for (const piece of ["1", "1 000", "'", "о", "ў'", '"a', "“”", "I", "-", "1.", "5-", "h."]) {
    const text = piece.repeat(5000);
    expect(typeof spokenUzbek(text)).toBe("string");
    expect(quotedEnglish(text).length).toBeGreaterThan(0);
  }
});
