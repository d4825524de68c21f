import { type HardSound, tip } from "./hard_sounds.ts";
import type { Sound } from "./pronunciation.ts";

/** Vowels that differ in length or openness where Uzbek has one. */
export const HARD_VOWELS: Readonly<Record<Sound, HardSound>> = {
  AE: {
    ...tip(
      "ogʻzingizni kengroq oching, til pastda va oldinda tursin: bu “a” bilan “e” orasidagi tovush",
      "open your mouth wider and keep your tongue low and forward: it lies between “a” and “e”",
      "bad",
      "bed",
    ),
    instead: {
      EH: tip(
        "ogʻiz yetarli ochilmagan, jagʻingizni pastroq tushiring",
        "your mouth was not open enough: let your jaw down",
        "man",
        "men",
      ),
      AH: tip(
        "til orqaga ketgan, uni oldinga surib, ogʻzingizni kengroq oching",
        "your tongue was too far back: move it forward and open your mouth wider",
        "cat",
        "cut",
      ),
      AA: tip(
        "til orqaga ketgan, uni oldinga suring, lablarni yumaloqlamang",
        "your tongue was too far back: move it forward, and do not round your lips",
        "hat",
        "hot",
      ),
    },
  },
  EH: {
    ...tip(
      "oʻzbekcha “e” kabi qisqa ayting, ogʻizni keng ochmang",
      "make it short, like Uzbek “e”, with your mouth half open",
      "bed",
      "bad",
    ),
    instead: {
      AE: tip(
        "ogʻiz haddan ortiq ochilgan, uni torroq tuting",
        "your mouth was too wide open: close it a little",
        "men",
        "man",
      ),
      IH: tip(
        "ogʻiz yetarli ochilmagan, jagʻingizni sal tushiring",
        "your mouth was too closed: let your jaw down a little",
        "pen",
        "pin",
      ),
    },
  },
  IY: {
    ...tip(
      "lablaringizni jilmaygandek yoyib, tovushni choʻzing",
      "spread your lips as in a smile and make the sound long",
      "sheep",
      "ship",
    ),
    instead: {
      IH: tip(
        "tovush qisqa chiqqan: lablarni jilmaygandek yoyib, choʻzib ayting",
        "it was too short: spread your lips as in a smile and hold the sound",
        "leave",
        "live",
      ),
    },
  },
  IH: {
    ...tip(
      "oʻzbekcha “bir” soʻzidagi “i” kabi qisqa va boʻsh ayting, lablarni yoymang",
      "make it short and relaxed, like the “i” of Uzbek “bir”, without spreading your lips",
      "ship",
      "sheep",
    ),
    instead: {
      IY: tip(
        "tovush choʻzilib ketgan: uni qisqa va boʻsh ayting, lablarni yoymang",
        "it was too long: make it short and relaxed, without spreading your lips",
        "live",
        "leave",
      ),
    },
  },
  UW: {
    ...tip(
      "lablaringizni yumaloqlab oldinga choʻzing va tovushni choʻzib ayting",
      "push your rounded lips forward and make the sound long",
      "pool",
      "pull",
    ),
    instead: {
      UH: tip(
        "tovush qisqa chiqqan: lablarni oldinga choʻzib, uzunroq ayting",
        "it was too short: push your lips forward and hold the sound",
        "fool",
        "full",
      ),
    },
  },
  UH: {
    ...tip(
      "qisqa va boʻsh ayting, lablar sal yumaloqlansin, xolos",
      "make it short and relaxed, with your lips only slightly rounded",
      "pull",
      "pool",
    ),
    instead: {
      UW: tip(
        "tovush choʻzilib ketgan: uni qisqa ayting, lablarni oldinga choʻzmang",
        "it was too long: make it short, and do not push your lips forward",
        "full",
        "fool",
      ),
    },
  },
  EY: tip(
    "“e”dan “i”ga silliq oʻting: bu ikki qismli tovush, “e”ning oʻzi yetmaydi",
    "glide from “e” to “i”: the sound has two parts, and “e” alone is not enough",
    "late",
    "let",
  ),
  OW: tip(
    "“o”dan “u”ga silliq oʻting, oxirida lablaringiz yumaloqlanib torayadi",
    "glide from “o” to “u”, with your lips rounder and closer at the end",
    "note",
    "not",
  ),
  ER: {
    ...tip(
      "tilingiz ogʻiz oʻrtasida tursin va hech qayerga tegmasin, lablarni boʻsh qoʻyib, tovushni choʻzing",
      "keep your tongue in the middle of your mouth, touching nothing, relax your lips and make the sound long",
      "work",
      "walk",
    ),
    instead: {
      EH: tip(
        "til oldinga ketgan, uni ogʻiz oʻrtasiga qaytarib, tovushni choʻzing",
        "your tongue was too far forward: bring it back to the middle and make the sound long",
        "bird",
        "bed",
      ),
    },
  },
};
