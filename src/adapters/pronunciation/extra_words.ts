import { type Pronunciation, phonesOf } from "./phones.ts";

/** Words of learners' texts that CMUdict has not and whose spelling tells them wrong; in small letters, likeliest first. */
export const EXTRA_WORDS: ReadonlyMap<string, readonly Pronunciation[]> = new Map(
  Object.entries({
    ...{ ielts: ["AY EH L T S"], toefl: ["T OW F AH L"], cefr: ["S IY IY EH F AA R", "S EH F ER"] },
    ...{ covid: ["K OW V IH D"], ebook: ["IY B UH K"], ebooks: ["IY B UH K S"], emoji: ["IH M OW JH IY"] },
    ...{ livestream: ["L AY V S T R IY M"], livestreams: ["L AY V S T R IY M Z"], tiktok: ["T IH K T AA K"] },
    ...{ chatgpt: ["CH AE T JH IY P IY T IY"], airbnb: ["EH R B IY AH N B IY"], duolingo: ["D UW OW L IH NG G OW"] },
    ...{ udemy: ["Y UW D AH M IY"], huawei: ["HH W AA W EY", "W AA W EY"], xiaomi: ["SH AW M IY"] },
    ...{ hijab: ["HH IH JH AA B"], halal: ["HH AH L AA L", "HH AE L AA L"], kyrgyz: ["K IH R G IH Z"] },
    ...{ dushanbe: ["D UW SH AA N B EY", "D UW SH AA N B IY"], smoothie: ["S M UW DH IY"] },
    ...{ avicenna: ["AE V IH S EH N AH"], tamerlane: ["T AE M ER L EY N"] },
  }).map(([word, ways]) => [word, ways.map(phonesOf)]),
);
