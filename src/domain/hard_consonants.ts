import { type HardSound, type Tip, tip } from "./hard_sounds.ts";
import type { Sound } from "./pronunciation.ts";

/** Consonants that Uzbek lacks, or says otherwise. */
export const HARD_CONSONANTS: Readonly<Record<Sound, HardSound>> = {
  TH: {
    ...tip(
      "tilingiz uchini tishlaringiz orasiga qoʻyib, ovoz qoʻshmay puflang",
      "put the tip of your tongue between your teeth and blow, without voice",
      "think",
      "sink",
    ),
    instead: {
      S: tip(
        "til uchi tishlar orqasida qolgan, uni tishlar orasiga chiqarib puflang",
        "your tongue stayed behind your teeth: bring its tip between them and blow",
        "think",
        "sink",
      ),
      T: tip(
        "til tishga tegib, havoni toʻsib qoʻygan, til uchini tishlar orasida tutib, havoni uzmay chiqaring",
        "your tongue stopped the air: keep its tip between your teeth and let the air flow",
        "three",
        "tree",
      ),
      F: tip(
        "pastki lab tishga tekkan, labni qimirlatmay, til uchini tishlar orasiga qoʻying",
        "your lip touched your teeth: leave the lip still and put the tip of your tongue between your teeth",
        "three",
        "free",
      ),
    },
  },
  DH: {
    ...tip(
      "tilingiz uchini tishlaringiz orasiga qoʻyib, ovoz bilan ayting, shunda til sal titraydi",
      "put the tip of your tongue between your teeth and use your voice, so that it buzzes a little",
      "they",
      "day",
    ),
    instead: {
      D: tip(
        "til tishga tegib, havoni toʻsib qoʻygan, til uchini tishlar orasida tutib, tovushni uzmay choʻzing",
        "your tongue stopped the air: keep its tip between your teeth and let the sound flow",
        "they",
        "day",
      ),
      Z: tip(
        "til uchi tishlar orqasida qolgan, uni tishlar orasiga chiqaring",
        "your tongue stayed behind your teeth: bring its tip between them",
        "breathe",
        "breeze",
      ),
      V: tip(
        "pastki lab tishga tekkan, labni qimirlatmay, til uchini tishlar orasiga qoʻying",
        "your lip touched your teeth: leave the lip still and put the tip of your tongue between your teeth",
        "than",
        "van",
      ),
      TH: tip(
        "ovoz qoʻshilmagan: boʻgʻzingizga qoʻl qoʻyib, titrashini sezing",
        "the voice is missing: put a hand on your throat and feel it buzz",
        "breathe",
        "breath",
      ),
    },
  },
  W: {
    ...tip(
      "lablaringizni “u” aytgandek yumaloqlang, tishlaringiz labga tegmasin",
      "round your lips as for “oo”; your teeth do not touch your lip",
      "west",
      "vest",
    ),
    instead: {
      V: tip(
        "tish labga tekkan, uni olib, lablaringizni “u” aytgandek yumaloqlang",
        "your teeth touched your lip: take them away and round your lips as for “oo”",
        "wine",
        "vine",
      ),
    },
  },
  V: {
    ...tip(
      "yuqori tishlaringizni pastki labingizga yengil tekkizib, ovoz bilan ayting",
      "touch your lower lip lightly with your upper teeth and use your voice",
      "vest",
      "west",
    ),
    instead: {
      W: tip(
        "lablar yumaloqlanib qolgan, yuqori tishlaringizni pastki labingizga tekkizing",
        "your lips were rounded: touch the lower one with your upper teeth",
        "vine",
        "wine",
      ),
      F: tip(
        "ovoz qoʻshilmagan, tovush tugaguncha ovozni uzmang",
        "the voice is missing: keep it on until the sound ends",
        "leave",
        "leaf",
      ),
      B: tip(
        "lablar yopilib qolgan, ularni yopmay, yuqori tishlaringizni pastki labingizga tekkizing",
        "your lips closed: leave them open and touch the lower one with your upper teeth",
        "very",
        "berry",
      ),
    },
  },
  F: {
    ...tip(
      "yuqori tishlaringizni pastki labingizga tekkizib, ovozsiz puflang, lablar yopilmasin",
      "touch your lower lip with your upper teeth and blow, without closing your lips",
      "fast",
      "past",
    ),
    instead: {
      P: tip(
        "lablar yopilib qolgan, yuqori tishlaringizni pastki labingizga tekkizib, havoni uzmay chiqaring",
        "your lips closed: touch the lower one with your upper teeth and let the air flow",
        "fast",
        "past",
      ),
    },
  },
  NG: {
    ...tip(
      "oʻzbekcha “tong” soʻzidagi “ng” kabi burundan ayting, oxirida “g” yoki “k” eshitilmasin",
      "let it out through your nose, like the “ng” of Uzbek “tong”, with no “g” or “k” after it",
      "sing",
      "sink",
    ),
    instead: {
      N: tip(
        "til uchi koʻtarilgan, uni pastda qoldirib, tilning orqasini tanglayga tekkizing",
        "the tip of your tongue went up: leave it down and raise the back of your tongue",
        "thing",
        "thin",
      ),
    },
  },
  R: {
    ...tip(
      "tilingiz uchi hech qayerga tegmasin va titramasin: uni sal orqaga qayirib, lablaringizni biroz yumaloqlang",
      "the tip of your tongue touches nothing and does not roll: curl it back a little and round your lips slightly",
      "right",
      "light",
    ),
    instead: {
      L: tip(
        "til uchi tanglayga tekkan, uni tanglaydan uzib, sal orqaga qayiring",
        "the tip of your tongue touched the roof of your mouth: let it go and curl it back a little",
        "right",
        "light",
      ),
      W: tip(
        "faqat lablar ishlagan, til uchini ham orqaga qayiring",
        "only your lips moved: curl the tip of your tongue back too",
        "right",
        "white",
      ),
    },
  },
  ZH: {
    ...tip(
      "oʻzbekcha “jurnal” soʻzidagi “j” kabi, til tanglayga tegmay, uzluksiz va ovoz bilan ayting",
      "like the “j” of Uzbek “jurnal”: a long sound with voice, your tongue touching nothing",
      "leisure",
      "ledger",
    ),
    instead: {
      JH: tip(
        "boshida “d” eshitilgan, til tanglayga tegmasin",
        "it began with a “d”: your tongue does not touch the roof of your mouth",
        "leisure",
        "ledger",
      ),
      SH: tip(
        "ovoz qoʻshilmagan: boʻgʻzingizga qoʻl qoʻyib, titrashini sezing",
        "the voice is missing: put a hand on your throat and feel it buzz",
        "vision",
        "mission",
      ),
    },
  },
  JH: {
    ...tip(
      "oʻzbekcha “jon” soʻzidagi “j” kabi: til avval tanglayga tegib, keyin ajraladi",
      "like the “j” of Uzbek “jon”: your tongue touches the roof of your mouth first and then lets go",
      "ledger",
      "leisure",
    ),
    instead: {
      ZH: tip(
        "til tanglayga tegmagan, tovushni “d” aytgandek boshlang",
        "your tongue did not touch the roof of your mouth: begin as for a “d”",
        "ledger",
        "leisure",
      ),
      CH: tip(
        "ovoz qoʻshilmagan, tovush tugaguncha ovozni uzmang",
        "the voice is missing: keep it on until the sound ends",
        "badge",
        "batch",
      ),
    },
  },
  HH: tip(
    "yengil nafas chiqaring, oʻzbekcha “x” kabi boʻgʻizni qirmang",
    "just breathe out lightly, without the scrape of Uzbek “x”",
    "heat",
    "eat",
  ),
};

const voiceToTheEnd = (...pair: [string, string]): Tip =>
  tip(
    "soʻz oxirida ovozni uzmang, undan oldingi unlini esa sal choʻzing",
    "keep your voice on to the very end, and make the vowel before it a little longer",
    ...pair,
  );

/** Voiced sounds that lose their voice at the end of a word. */
export const FINAL_CONSONANTS: Readonly<Record<Sound, Tip>> = {
  B: voiceToTheEnd("cab", "cap"),
  D: voiceToTheEnd("bad", "bat"),
  G: voiceToTheEnd("bag", "back"),
  Z: voiceToTheEnd("eyes", "ice"),
};

/** Consonants that stand together at one end of a word. */
export const CLUSTERS = {
  first: {
    uz: "oldiga yoki orasiga “i” qoʻshmang, undoshlarni bir nafasda ayting",
    en: "put no vowel before or between them: say them in one breath",
    pair: ["state", "estate"],
    named: { uz: "Soʻz boshidagi undoshlar", en: "The consonants at the beginning" },
  },
  last: {
    uz: "orasiga unli qoʻshmay, oxirgisigacha ayting",
    en: "say each of them to the last, with no vowel between them",
    pair: ["asked", "ask"],
    named: { uz: "Soʻz oxiridagi undoshlar", en: "The consonants at the end" },
  },
} as const satisfies Record<string, Tip & { named: object }>;
