import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import { TTLCache } from "@isaacs/ttlcache";
import { jwtVerify, SignJWT } from "jose";
import type { Claims, Clock, Signatures, Tokens } from "../../application/ports/system.ts";

export const systemClock: Clock = { now: () => new Date() };

const ISSUER = "learning-platform";
const AUDIENCE = "api";
const LIFETIME_S = 30 * 60;

/** What a checked token is remembered by: the signature of an unchanged text does not change either. */
const REMEMBERED = 10_000;

export function jwtTokens(secret: string): Tokens {
  const key = new TextEncoder().encode(secret);
  // Everything a verifier can be talked out of is pinned.
  const pinned = {
    algorithms: ["HS256"],
    issuer: ISSUER,
    audience: AUDIENCE,
    requiredClaims: ["exp", "iat", "sub", "jti", "sid"],
  };
  const known = new TTLCache<string, Claims>({ max: REMEMBERED, updateAgeOnGet: false });

  const check = async (token: string): Promise<Claims | null> => {
    const checked = await jwtVerify<{ sid: number; exp: number }>(token, key, pinned).catch(() => null);
    if (!checked) return null;
    const { sub, sid, exp } = checked.payload;
    const claims = { user_id: Number(sub), session_id: Number(sid) };
    if (!Number.isSafeInteger(claims.user_id) || !Number.isSafeInteger(claims.session_id)) return null;
    const ttl = exp * 1000 - Date.now();
    if (ttl > 0) known.set(token, claims, { ttl });
    return claims;
  };

  return {
    lifetime: LIFETIME_S,
    sign: ({ user_id, session_id }) =>
      new SignJWT({ sid: session_id })
        .setProtectedHeader({ alg: "HS256" })
        .setIssuer(ISSUER)
        .setAudience(AUDIENCE)
        .setSubject(String(user_id))
        .setJti(crypto.randomUUID())
        .setIssuedAt()
        .setExpirationTime(`${LIFETIME_S}s`)
        .sign(key),
    verify: async (token) => known.get(token) ?? (await check(token)),
  };
}

export function hmacSignatures(secret: string): Signatures {
  // A key of its own, so that no signed address can be taken for a token.
  const key = createHmac("sha256", secret).update("media addresses").digest();
  const digest = (text: string) => createHmac("sha256", key).update(text).digest();
  return {
    sign: (text) => digest(text).toString("base64url"),
    verify: (text, signature) => {
      const [wanted, given] = [digest(text), Buffer.from(signature, "base64url")];
      return wanted.length === given.length && timingSafeEqual(wanted, given);
    },
  };
}

/** Knows one bearer again, in the same time however much of a guess is right. Where none is set, it knows none. */
export function fixedBearer(secret: string | undefined): (given: string) => boolean {
  const digest = (text: string) => createHash("sha256").update(text).digest();
  const wanted = secret ? digest(secret) : null;
  return (given) => wanted !== null && timingSafeEqual(wanted, digest(given));
}
