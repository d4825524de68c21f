import type { Level } from "./users.ts";

/** A character that answers learners. */
export type Avatar = {
  readonly id: number;
  /** Names it in the API, e.g. `teacher`; no two are alike. */
  readonly type: string;
  readonly name: string;
  /** The address of a picture. */
  readonly picture: string | null;
  /** Who it is and how it speaks, in English, for the language model. */
  readonly persona: string;
  /** What learners read of it, in Uzbek. */
  readonly description: string;
  readonly created_at: string;
};

type Draft = Omit<Avatar, "id" | "created_at">;

/** Those that every school begins with; the first one answers whoever has chosen none. */
export const STARTER_AVATARS: readonly Draft[] = [
  {
    type: "teacher",
    name: "Malika",
    picture: null,
    persona:
      "Malika, a patient English teacher from Tashkent with fifteen years in the classroom. Warm, clear and encouraging; explains one thing at a time and ends with a short question that makes the learner use it.",
    description: "Sabrli oʻqituvchi: har safar bitta mavzuni tushuntiradi va uni savol bilan mustahkamlaydi.",
  },
  {
    type: "friend",
    name: "Sam",
    picture: null,
    persona:
      "Sam, a cheerful student from London who is curious about Uzbekistan. Chats like a friend of the same age, in short everyday sentences, asks back, and mends mistakes by repeating the sentence rightly.",
    description: "Londonlik doʻst: kundalik mavzularda suhbatlashadi, xato gapni toʻgʻri shaklda takrorlab beradi.",
  },
  {
    type: "examiner",
    name: "Mr Harris",
    picture: null,
    persona:
      "Mr Harris, a fair and calm speaking examiner. Asks exam-like questions one after another, keeps to the topic, and says at the end of each answer what would lift it by half a band.",
    description:
      "Xotirjam imtihon oluvchi: imtihondagidek savollar beradi va javobni qanday yaxshilash mumkinligini aytadi.",
  },
];

/** The CEFR level that is assumed of whoever has not told theirs. */
export const ASSUMED_LEVEL: Level = "A2";
