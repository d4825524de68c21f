// Numbers as they are spoken in Uzbek.

const ONES = "nol bir ikki uch toʻrt besh olti yetti sakkiz toʻqqiz".split(" ");
const TENS = "nol oʻn yigirma oʻttiz qirq ellik oltmish yetmish sakson toʻqson".split(" ");
const SCALES = ["", "ming", "million", "milliard", "trillion"];
const LONGEST = 15;

const digitByDigit = (digits: string): string => [...digits].map((digit) => ONES[Number(digit)] ?? digit).join(" ");

function belowThousand(n: number): string[] {
  const [hundreds, tens, ones] = [Math.floor(n / 100), Math.floor((n % 100) / 10), n % 10];
  return [
    ...(hundreds > 1 ? [ONES[hundreds] ?? ""] : []),
    ...(hundreds > 0 ? ["yuz"] : []),
    ...(tens > 0 ? [TENS[tens] ?? ""] : []),
    ...(ones > 0 ? [ONES[ones] ?? ""] : []),
  ];
}

/** Digits in words; those with a leading zero, and more than 15 of them, one by one. */
export function uzbekNumber(digits: string): string {
  if (digits.length > LONGEST || /^0./.test(digits)) return digitByDigit(digits);
  if (Number(digits) === 0) return "nol";
  const words: string[] = [];
  for (let scale = SCALES.length - 1; scale >= 0; scale--) {
    const group = Math.floor(Number(digits) / 1000 ** scale) % 1000;
    if (group === 0) continue;
    // A thousand is `ming`; a million is `bir million`.
    if (!(scale === 1 && group === 1)) words.push(...belowThousand(group));
    if (scale > 0) words.push(SCALES[scale] ?? "");
  }
  return words.join(" ");
}

/** 5 is beshinchi, 2 ikkinchi, 24 yigirma toʻrtinchi. */
export function uzbekOrdinal(digits: string): string {
  const words = uzbekNumber(digits);
  return `${words}${/[aeiou]$/.test(words) ? "nchi" : "inchi"}`;
}

const PARTS = ["", "oʻndan", "yuzdan", "mingdan"];

/** 3,5 is `uch butun oʻndan besh`. */
export function uzbekDecimal(whole: string, fraction: string): string {
  const part = PARTS[fraction.length];
  const said = part ? `${part} ${uzbekNumber(fraction.replace(/^0+(?=.)/, ""))}` : digitByDigit(fraction);
  return `${uzbekNumber(whole)} butun ${said}`;
}
