import type { Phrase } from "./phrases.ts";
import type { Level } from "./users.ts";

type Draft = Pick<Phrase, "text" | "translation" | "level" | "phonetic_hint">;

const phrase = (level: Level, text: string, translation: string, phonetic_hint: string): Draft => ({
  text,
  translation,
  level,
  phonetic_hint,
});

/** Those that every school begins with: each is full of a sound that Uzbek speakers find hard. */
export const STARTER_PHRASES: readonly Draft[] = [
  phrase(
    "A1",
    "Thank you for the three books.",
    "Uchta kitob uchun rahmat.",
    "thank, three: til uchi tishlar orasida, ovozsiz /θ/; the: oʻsha joyda, ovoz bilan /ð/.",
  ),
  phrase(
    "A1",
    "We want warm weather this week.",
    "Bu hafta havo iliq boʻlishini xohlaymiz.",
    "want, warm, week: lablar “u” aytgandek yumaloq, tish labga tegmaydi /w/.",
  ),
  phrase(
    "A1",
    "My bag is black and my cat is fat.",
    "Sumkam qora, mushugim esa semiz.",
    "bag, black, cat, fat: ogʻiz keng ochiladi /æ/.",
  ),
  phrase(
    "A1",
    "This ship is big, but these sheep are small.",
    "Bu kema katta, bu qoʻylar esa kichkina.",
    "ship, big: qisqa /ɪ/; these, sheep: lablar yoyiladi, choʻziq /iː/.",
  ),
  phrase(
    "A1",
    "He has a hat on his head.",
    "Uning boshida shlyapa bor.",
    "he, has, hat, his, head: yengil nafas /h/, oʻzbekcha “x” emas.",
  ),
  phrase(
    "A1",
    "The red bird is in the big bed.",
    "Qizil qush katta karavotda.",
    "red, bird, big, bed: oxirgi /d/ va /ɡ/ jarangli, ovoz oxirigacha uzilmaydi.",
  ),
  phrase(
    "A2",
    "My father and mother live with my brother.",
    "Otam va onam akam bilan yashaydi.",
    "father, mother, with, brother: til uchi tishlar orasida, ovoz bilan /ð/.",
  ),
  phrase(
    "A2",
    "I am singing a long song this evening.",
    "Bugun kechqurun uzun bir qoʻshiq kuylayman.",
    "singing, long, song, evening: oʻzbekcha “tong”dagi “ng” /ŋ/, oxirida “g” aytilmaydi.",
  ),
  phrase(
    "A2",
    "Very few visitors leave the village in November.",
    "Noyabrda qishloqdan juda kam mehmon ketadi.",
    "very, visitors, leave, village, November: yuqori tishlar pastki labga tegadi /v/.",
  ),
  phrase(
    "A2",
    "The school pool is full of cool water.",
    "Maktab hovuzi salqin suvga toʻla.",
    "school, pool, cool: choʻziq /uː/; full: qisqa /ʊ/.",
  ),
  phrase(
    "A2",
    "Students in this street speak Spanish at school.",
    "Bu koʻchadagi oʻquvchilar maktabda ispancha gapiradi.",
    "students, street, speak, Spanish, school: /s/ oldiga “i” qoʻshilmaydi.",
  ),
  phrase(
    "A2",
    "Her brown rabbit runs around the room.",
    "Uning jigarrang quyoni xona boʻylab yuguradi.",
    "brown, rabbit, runs, around, room: til uchi hech qayerga tegmaydi va titramaydi /r/.",
  ),
  phrase(
    "B1",
    "I think both of them were born on the fourth of the month.",
    "Menimcha, ikkalasi ham oyning toʻrtinchi kuni tugʻilgan.",
    "think, both, fourth, month: /θ/ ovozsiz; them, the: /ð/ ovoz bilan.",
  ),
  phrase(
    "B1",
    "We watched the wind blow over the river and the valley.",
    "Shamolning daryo va vodiy uzra esishini tomosha qildik.",
    "we, watched, wind: lablar yumaloq /w/; over, river, valley: tish labga tegadi /v/.",
  ),
  phrase(
    "B1",
    "That man has sat on a bench with ten other men.",
    "U kishi yana oʻn kishi bilan oʻrindiqda oʻtirdi.",
    "that, man, has, sat: keng /æ/; bench, ten, men: torroq /e/.",
  ),
  phrase(
    "B1",
    "He asked for the last texts about the first months.",
    "U birinchi oylar haqidagi oxirgi matnlarni soʻradi.",
    "asked, last, texts, first, months: oxirgi undoshlar orasiga unli qoʻshilmaydi.",
  ),
  phrase(
    "B1",
    "If you leave at six, we will eat this fish by the sea.",
    "Oltida yoʻlga chiqsang, bu baliqni dengiz boʻyida yeymiz.",
    "leave, we, eat, sea: choʻziq /iː/; if, six, will, this, fish: qisqa /ɪ/.",
  ),
  phrase(
    "B1",
    "The girl learns thirty words at work every Thursday.",
    "Qiz har payshanba ishda oʻttizta soʻz yodlaydi.",
    "girl, learns, thirty, words, work, Thursday: til oʻrtada, choʻziq /ɜː/.",
  ),
  phrase(
    "B2",
    "It is usually a pleasure to watch television with no decisions to make.",
    "Hech qanday qaror qabul qilmay televizor koʻrish, odatda, maroqli.",
    "usually, pleasure, television, decisions: “jurnal”dagi “j” /ʒ/, til tanglayga tegmaydi.",
  ),
  phrase(
    "B2",
    "The judge urged the manager to arrange a large bridge project.",
    "Sudya menejerdan katta koʻprik loyihasini tashkil qilishni talab qildi.",
    "judge, manager, arrange, large, bridge, project: “jon”dagi “j” /dʒ/, oxirida ham jarangli.",
  ),
  phrase(
    "B2",
    "Although the weather was worse than they thought, they breathed more smoothly there.",
    "Havo ular oʻylaganidan yomonroq boʻlsa ham, u yerda nafas olish osonroq edi.",
    "although, weather, than, breathed, smoothly: /ð/ ovoz bilan; thought: /θ/ ovozsiz.",
  ),
  phrase(
    "B2",
    "His clothes and shoes were his, but the prizes and the roses were hers.",
    "Kiyim va tuflilar uniki edi, sovrin va atirgullar esa u qizniki.",
    "clothes, shoes, his, prizes, roses, hers: oxirgi /z/ jarangli, “s” emas.",
  ),
  phrase(
    "B2",
    "Twelve wise women have moved to quieter villages in the west.",
    "Oʻn ikki dono ayol gʻarbdagi tinchroq qishloqlarga koʻchib oʻtdi.",
    "twelve, wise, women, quieter, west: /w/; twelve, have, moved, villages: /v/.",
  ),
  phrase(
    "B2",
    "The strongest runners were stretching their strained legs on the spring grass.",
    "Eng kuchli yuguruvchilar bahorgi maysa ustida toliqqan oyoqlarini choʻzardi.",
    "strongest, stretching, strained, spring, grass: undoshlar orasiga unli qoʻshilmaydi.",
  ),
];
