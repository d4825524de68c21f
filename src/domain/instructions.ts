import { hasCode, readingsOf } from "./disguises.ts";

// Whether an answer speaks to whoever grades it, in English, Uzbek or Russian. Patterns read what `fold` makes of a text.

const SCORE = "(?:points?|marks?|scores?|grades?|percent|%|out of)";
const BEST = "(?:100|hundred|full|max(?:imum)?|highest|perfect|top|best|excellent|a\\+?)";
const INSTRUCTIONS: readonly RegExp[] = [
  /\b(?:ignore|disregard|forget|override|bypass)\b.{0,30}\b(?:instructions?|prompts?|rubrics?|criteria)\b/u,
  /\b(?:ignore|disregard|forget|override|bypass)\b.{0,20}\b(?:previous|above|prior|grading|all) (?:texts?|messages?|rules)\b/u,
  /\b(?:system|developer|hidden) (?:prompt|message|instruction)|^ ?(?:system|assistant|developer) ?:|<\/?(?:system|instructions?)>/mu,
  /\b(?:you are|act as|pretend to be) (?:now )?(?:an? |the )?(?:\p{L}+ )?(?:ai|grader|examiner|language model|assistant|chatbot|teacher who)\b/u,
  new RegExp(`\\b(?:give|award|assign|grant|set|grade|mark|score|rate)\\b.{0,25}\\b${BEST}\\b.{0,12}${SCORE}`, "u"),
  new RegExp(
    `\\b(?:give|award|assign|grade|mark|score) (?:me|this|it|my \\p{L}+|the student)(?: an?| the| as| with| one)* ${BEST}(?:[.!?,;]|$)`,
    "u",
  ),
  new RegExp(`\\b(?:score|grade|mark)\\s{0,3}(?:=|:|must be|should be|is)\\s{0,3}(?:an? )?${BEST}`, "u"),
  /\b(?:oldingi|yuqoridagi|avvalgi|barcha|hamma)\b.{0,30}\b(?:ko'rsatma|buyruq|yo'riqnoma|qoida|instruksiya)\p{L}*/u,
  /\b(?:menga|buni|bunga|javobga|javobimga|ishimga)\b.{0,25}\b(?:100|yuz|eng yuqori|maksimal|to'liq|a'lo|besh)\b.{0,12}\b(?:ball?|baho|qo'y|ber)/u,
  /\b(?:100|yuz|eng yuqori|maksimal|to'liq|a'lo)\s{0,3}(?:ball?|baho)\p{L}{0,12}\s{0,3}(?:qo'y|ber|yoz)/u,
  /(?:игнорируй|проигнорируй|забудь|не обращай внимания).{0,40}(?:инструкци|указани|правил|предыдущ|промпт|критери)/u,
  /(?:поставь|ставь|дай|оцени|выстави)(?:те)?\s.{0,25}(?:100|сто|максимал|высш|наивысш|отлично|пят[ьеё]р|полный)/u,
  // Data that looks like a grade, and the end of an answer that its author made up.
  /["'<{]\s{0,3}(?:(?:total|final|overall)_?)?(?:score|grade|mark|ball|baho|балл|оценка)s?["'>]?\s{0,3}[:=>]\s{0,3}["']?\d/u,
  /(?:\[\[|<<<|###|={3,}|-{3,}|<)\s{0,3}\/?(?:end|begin|system|answer|task|instruction|javob|topshiriq|ответ|задание)/u,
  /\b(?:end of (?:the )?(?:student'?s? |learner'?s? )?(?:answer|essay|submission)|developer mode|jailbreak|new grading instructions?)\b/u,
  // Somebody else's voice: a part to play, a note to the marker, a verdict that is there already.
  /\b(?:note|message|instruction)s? (?:to|for) (?:the )?(?:ai|grader|examiner|model|marker|evaluator)\b/u,
  /\b(?:hey|attention|hello|listen|ok)[, ]{1,2}(?:the )?(?:ai|grader|language model|chat ?gpt|gpt|gemini|llm)\b/u,
  new RegExp(
    `\\b(?:you are|act as|pretend|imagine|role ?play|let us play|let's play)\\b.{0,80}\\b${BEST}\\b.{0,15}${SCORE}`,
    "u",
  ),
  new RegExp(
    `\\b(?:this|my) (?:essay|answer|work|text|homework|submission|learner|student)\\b.{0,25}\\b(?:deserves?|earn(?:s|ed)|must (?:get|receive|have)|should (?:get|receive|have)|receives)\\b.{0,25}\\b${BEST}\\b.{0,12}${SCORE}`,
    "u",
  ),
  /(?:ko'rsatma|buyruq|yo'riqnoma|qoida|mezon|rubrika)\p{L}*.{0,20}\b(?:e'tiborga olma|hisobga olma|unut|bekor qil|rioya qilma)/u,
  /\b(?:sen|siz)\b.{0,40}\b(?:baholovchi|sun'iy intellekt|tekshiruvchi|imtihon oluvchi|til modeli)/u,
  /\b(?:ball?|baho)(?:ni|im|imni)?\s{0,3}[=:]?\s{0,3}(?:100\b|maksimal|eng yuqori)/u,
  /\b(?:bu|mening) (?:insho|javob|ish)\p{L}*\b.{0,25}\b(?:100|eng yuqori|maksimal)\b.{0,5}\b(?:ball?|baho)/u,
  /(?<!\p{L})(?:ты|вы)(?!\p{L})(?: теперь| сейчас|,)?(?: -| —| –)?.{0,20}(?:экзаменатор|проверяющ|оценщик|языковая модель|ассистент|искусственный интеллект)/u,
  /(?:менга|бунга|жавобга)\s.{0,25}(?:100|юз|энг юқори|максимал|тўлиқ).{0,12}(?:балл?|баҳо)/u,
  /(?:систем\p{L}* (?:сообщени|инструкци|промпт)|режим разработчика)/u,
  /(?:оценк\p{L}*|балл\p{L}*)\s{0,3}(?:=|:|должн\p{L}+ быть|-|—)\s{0,3}(?:100|сто|максимал|высш)/u,
  /(?:эт\p{L}+|мо\p{L}+) (?:сочинени|ответ|работ|эссе)\p{L}*.{0,25}(?:заслужива|достоин|достойн).{0,25}(?:100|максимал|высш|наивысш)/u,
];

/**
 * True where an answer seems to speak to whoever grades it, in plain words or disguised. It is shown to the teacher and
 * changes no counted score; a language model may then take away, not add.
 */
export const speaksToGrader = (answer: string): boolean =>
  hasCode(answer) || readingsOf(answer).some((text) => INSTRUCTIONS.some((pattern) => pattern.test(text)));
