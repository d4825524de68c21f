import type { Note } from "../../application/health.ts";
import type { ErrorCode } from "../../domain/errors.ts";
import type { NoticeKind } from "../../domain/notices.ts";
import type { Reason } from "../../domain/practise_next.ts";

export type Words = {
  /** Values of parameters that are words of ours. */
  terms: Record<string, string>;
  errors: Record<ErrorCode, string>;
  issues: Record<string, string> & { other: string };
  notices: Record<NoticeKind, string>;
  /** Why processing failed, where the error's own sentence speaks to somebody else. */
  failures: Record<string, string> & { other: string };
  /** Why a phrase is offered for practice. */
  offers: Record<Reason["kind"], string>;
  /** What is said of a part of the service beside its state. */
  notes: Record<Note, string>;
  speechCut: string;
  /** Of an answer whose language nobody speaks here. */
  voiceless: string;
};

// Three sentences are the guide's to the code point, in every language; its ‘ is U+2018, ours are ʻ (U+02BB) and ʼ (U+02BC).
export const uz: Words = {
  terms: {
    text: "yozma",
    oral: "ogʻzaki",
    mixed: "aralash",
    silent: "ovoz eshitilmadi, mikrofonni tekshiring",
    short: "nutq juda qisqa, matnni toʻliq oʻqing",
    clipped: "ovoz haddan tashqari baland va buzilgan, mikrofonni uzoqroq tuting",
    noisy: "shovqin juda kuchli, tinchroq joyda yozib oling",
    fast: "matn bunday qisqa yozuv uchun juda uzun, uni toʻliq oʻqing",
  },
  errors: {
    malformed_body: "Soʻrov tanasini oʻqib boʻlmadi: JSON yoki forma toʻgʻri yozilganini tekshiring.",
    invalid_input: "«{field}» maydoni: {msg}.",
    unsupported_media_type:
      "Bu turdagi soʻrov qabul qilinmaydi: matnni JSON, fayllarni multipart/form-data koʻrinishida yuboring.",
    too_large: "Fayl juda katta: {max_mb} MB dan oshmasin.",
    not_found: "Bunday maʼlumot topilmadi: manzil va raqamni tekshiring, kursga yozilganmisiz?",
    method_not_allowed: "Bu manzilda bunday amal yoʻq.",
    idempotency_key_reused: "Bu Idempotency-Key boshqa soʻrovda ishlatilgan: yangi kalit tanlang.",
    idempotency_in_progress: "Xuddi shu soʻrov hozir bajarilmoqda: birozdan soʻng qayta urinib koʻring.",
    stale_version: "Bu yozuv siz ochganingizdan keyin oʻzgargan: uni qayta oching va yana urining.",
    rate_limited: "Juda ko‘p so‘rov",
    unauthenticated:
      "Avval tizimga kiring: soʻrovda «Authorization: Bearer …» sarlavhasi boʻlishi kerak, muddati tugagan boʻlsa, qaytadan kiring.",
    bad_credentials: "Email yoki parol notoʻgʻri. Parolni unutgan boʻlsangiz, maktab maʼmuriyatiga murojaat qiling.",
    account_inactive: "Hisobingiz faol emas: maktab maʼmuriyatiga murojaat qiling.",
    too_many_failures: "Kirishga juda koʻp urinildi: {retry_after} soniyadan soʻng qayta urinib koʻring.",
    bad_refresh_token: "Kirish muddati tugagan: qaytadan kiring.",
    forbidden: "Bu amal uchun ruxsatingiz yoʻq: uni oʻqituvchi yoki maʼmuriyat bajaradi.",
    signup_closed: "Roʻyxatdan oʻtish yopiq: hisobni maktab maʼmuriyati ochib beradi.",
    wrong_password: "Hozirgi parol notoʻgʻri.",
    weak_password: "Parol juda oddiy: kamida {min_length} ta belgidan iborat, topish qiyin parol tanlang.",
    email_taken: "Bu email bilan hisob ochilgan: tizimga kiring yoki boshqa email yozing.",
    last_superadmin: "Bu — yagona superadmin: avval boshqasini tayinlang.",
    course_has_students: "Kursda oʻquvchilar bor, shuning uchun uni oʻchirib boʻlmaydi.",
    lesson_of_other_course: "{lesson_id}-dars {course_id}-kursda yoʻq.",
    unknown_users: "Bunday foydalanuvchilar topilmadi: {user_ids}.",
    homework_has_submissions: "Bu vazifaga javob topshirilgan, shuning uchun uni oʻchirib boʻlmaydi.",
    wrong_kind: "Bu vazifaga {kind} javob topshiriladi.",
    nothing_to_submit: "Javob boʻsh: matn yozing yoki fayl biriktiring.",
    attempts_exhausted: "Urinishlar tugadi: bu vazifani {max_attempts} marta topshirish mumkin edi.",
    closed: "Topshirish muddati {due_at} da tugagan: oʻqituvchingizga murojaat qiling.",
    score_out_of_range: "Ball 0 dan {max_score} gacha boʻlishi kerak.",
    ai_not_configured: "AI service is not configured",
    ai_unavailable:
      "Sunʼiy intellekt xizmati hozir javob bermayapti: {retry_after} soniyadan soʻng qayta urinib koʻring. Limitingiz kamaymadi.",
    ai_overloaded:
      "Sunʼiy intellekt xizmati hozir juda band: {retry_after} soniyadan soʻng qayta urinib koʻring. Limitingiz kamaymadi.",
    ai_timeout: "Sunʼiy intellekt xizmati vaqtida javob bermadi: qayta urinib koʻring. Limitingiz kamaymadi.",
    ai_failed:
      "Sunʼiy intellekt xizmatidan tushunarli javob kelmadi: qayta urinib koʻring, takrorlansa, maktab maʼmuriyatiga ayting. Limitingiz kamaymadi.",
    ai_blocked:
      "Sunʼiy intellekt bunga javob bera olmaydi: savolingizni boshqacha yozib koʻring. Limitingiz kamaymadi.",
    voice_unavailable: "Soʻralgan ovoz topilmadi («{language}»). Mavjud tillar: {languages}.",
    speech_failed: "Matnni ovozga aylantirib boʻlmadi: qayta urinib koʻring. Limitingiz kamaymadi.",
    nothing_to_say: "Ovoz chiqarib oʻqiladigan soʻz yoʻq: matn yozing.",
    quota_exceeded: "quota exceeded",
    audio_unusable: "Talaffuzni baholab boʻlmadi: {reason}. Ovozingizni qaytadan yozib oling. Limitingiz kamaymadi.",
    wrong_text:
      "Yozuvda boshqa matn oʻqilgan: yuborgan matningizni oʻqiganingizni tekshirib, ovozingizni qaytadan yozib oling. Limitingiz kamaymadi.",
    language_not_scored: "Bu tilda («{language}») talaffuz baholanmaydi. Mavjud tillar: {languages}.",
    scoring_unavailable: "Bu serverda talaffuzni baholovchi dastur oʻrnatilmagan.",
    scoring_failed: "Talaffuzni baholab boʻlmadi: qayta urinib koʻring. Limitingiz kamaymadi.",
    session_completed: "Bu mashq yakunlangan: yangisini boshlang.",
    avatar_taken: "Bunday turdagi avatar allaqachon bor: boshqa «type» tanlang.",
    not_failed: "Qayta ishga tushirish faqat tekshiruvi toʻxtab qolgan javob uchun.",
    unsupported_audio: "Bu audio formati qabul qilinmaydi: WAV, MP3, OGG, WebM, M4A yoki FLAC yuboring.",
    unsupported_file: "Bu turdagi fayl qabul qilinmaydi: PDF, rasm yoki oddiy matn yuboring.",
    audio_empty: "Audio fayl boʻsh: yozuvni tekshirib, qaytadan yuboring.",
    audio_unreadable: "Audio faylni oʻqib boʻlmadi: u buzilgan yoki oxirigacha yuklanmagan. Qaytadan yozib yuboring.",
    audio_too_short: "Yozuv juda qisqa: javobingizni toʻliq aytib, qaytadan yozib oling.",
    audio_too_long: "Yozuv juda uzun: {max_minutes} daqiqadan oshmasin.",
    audio_silent: "Yozuvda ovoz eshitilmadi: mikrofonni tekshirib, qaytadan yozib oling.",
    file_missing: "Fayl saqlash joyida topilmadi.",
    storage_full: "Serverda joy qolmagan: maktab maʼmuriyatiga xabar bering. Javobingiz saqlanmadi.",
    bad_signature: "Havola notoʻgʻri yoki muddati tugagan: sahifani yangilab, yangi havola oling.",
    busy: "Server hozir band: {retry_after} soniyadan soʻng qayta urinib koʻring.",
    starting: "Server ishga tushmoqda: birozdan soʻng qayta urinib koʻring.",
    recognition_unavailable: "Bu serverda nutqni tanib oluvchi dastur oʻrnatilmagan.",
    recognition_failed: "Nutqni tanib boʻlmadi: qayta urinib koʻring.",
    decoding_failed: "Audio faylni ochishda xatolik yuz berdi: qayta urinib koʻring.",
    not_ready: "Server vaqtincha ishlamayapti: birozdan soʻng qayta urinib koʻring.",
    database_in_use: "{folder} boshqa jarayonda ochiq (pid {pid}): avval uni toʻxtating yoki DATA_DIR ni oʻzgartiring.",
    internal: "Serverda xatolik yuz berdi. Aybi bizda: birozdan soʻng qayta urinib koʻring.",
  },
  issues: {
    missing: "koʻrsatilmagan",
    invalid_type: "turi notoʻgʻri",
    too_small: "kamida {minimum} boʻlishi kerak",
    above: "{minimum} dan katta boʻlishi kerak",
    too_short: "kamida {minimum} ta belgidan iborat boʻlishi kerak",
    too_few: "kamida {minimum} ta boʻlishi kerak",
    too_big: "koʻpi bilan {maximum} boʻlishi kerak",
    too_long: "koʻpi bilan {maximum} ta belgidan iborat boʻlishi kerak",
    too_many: "koʻpi bilan {maximum} ta boʻlishi kerak",
    invalid_format: "formati notoʻgʻri",
    invalid_value: "ruxsat etilgan qiymatlardan biri boʻlishi kerak: {values}",
    unrecognized_keys: "ortiqcha maydon: {keys}",
    other: "qiymati notoʻgʻri",
  },
  notices: {
    homework_auto_graded:
      "«{title}» vazifasi avtomatik tekshirildi: {score}/{max_score} ball. Yakuniy bahoni oʻqituvchi qoʻyadi.",
    homework_checked: "«{title}» vazifasi tekshirildi. Natijani oʻqituvchi koʻrib chiqqach bilasiz.",
    homework_graded: "Oʻqituvchi «{title}» vazifasini baholadi: {score}/{max_score} ball.",
    homework_failed:
      "«{title}» vazifasiga javobingiz saqlandi, lekin avtomatik tekshirib boʻlmadi. Uni oʻqituvchi baholaydi.",
    homework_assigned: "Sizga yangi vazifa berildi: «{title}».",
  },
  failures: {
    recognition_unavailable:
      "Bu serverda nutqni tanib oluvchi dastur oʻrnatilmagan. Yozuvingiz saqlandi, uni oʻqituvchi tinglab baholaydi.",
    recognition_failed: "Nutqni tanib boʻlmadi. Yozuvingiz saqlandi, uni oʻqituvchi tinglab baholaydi.",
    audio_too_long: "Yozuv juda uzun. U saqlandi, oʻqituvchi tinglab baholaydi.",
    files_only: "Fayllar saqlandi. Ularni dastur baholay olmaydi, oʻqituvchi koʻrib baholaydi.",
    file_missing: "Yozuv saqlash joyida topilmadi.",
    other: "Avtomatik tekshirishda xatolik yuz berdi. Javobingiz saqlandi, uni oʻqituvchi baholaydi.",
  },
  speechCut: "Javob uzun: uning faqat boshi oʻqib berildi, qolganini oʻzingiz oʻqing.",
  voiceless: "Bu tilda ovoz yoʻq: javobni oʻzingiz oʻqing.",
  offers: {
    sound:
      "“{word}” soʻzidagi /{sound}/ tovushini mashq qilish uchun: bu tovush oxirgi mashqlarda {times} marta zaif chiqdi.",
    word: "“{word}” soʻzini mashq qilish uchun: bu soʻz oxirgi mashqlarda {times} marta zaif chiqdi.",
    new: "Bu iborani hali oʻqib koʻrmagansiz.",
  },
  notes: {
    embedded: "serverning oʻz ichidagi maʼlumotlar bazasi",
    postgres: "Postgres serveri",
    in_process: "faqat shu jarayonning oʻzida",
    redis: "Redis orqali barcha jarayonlar uchun umumiy",
    disk: "shu serverning diskida",
    s3: "S3 omborida",
    engine: "{engine}",
    made_up: "sinov uchun, natijalari toʻqilgan",
    missing: "oʻrnatilmagan",
    not_configured: "sozlanmagan",
    down: "javob bermayapti",
  },
};
