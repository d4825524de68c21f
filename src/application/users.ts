import { type Actor, holds, mayManage, type Role } from "../domain/access.ts";
import { AppError } from "../domain/errors.ts";
import { checkPassword, emailOf, type Level, type User } from "../domain/users.ts";
import { audit } from "./audit.ts";
import { type Caller, endSessions } from "./auth.ts";
import type { Ports, Stores, Transaction } from "./ports/mod.ts";
import type { Changes } from "./ports/tables.ts";

type Draft = {
  email: string;
  password: string;
  full_name?: string | null | undefined;
  language?: string | undefined;
  level?: Level | null | undefined;
};

type Making = Pick<Ports, "atomically" | "passwords" | "clock">;

/** Makes a user; refuses with `weak_password` or `email_taken`. Without an actor it is their own doing. */
async function addUser(
  { atomically, passwords, clock }: Making,
  role: Role,
  { email, password, ...rest }: Draft,
  by?: Actor | null,
): Promise<User> {
  const address = emailOf(email);
  checkPassword(password, address);
  // Before the transaction, which would hold others up for as long as a hash takes.
  const password_hash = await passwords.hash(password);
  const now = clock.now();
  return atomically(async (stores) => {
    const user = await insertUser(stores, role, { ...rest, email: address, password_hash }, now.toISOString());
    if (by !== undefined) await audit(stores, by, "user.create", `user:${user.id}`, now, { role });
    return user;
  });
}

type Hashed = Omit<Draft, "password"> & { password_hash: string };

async function insertUser(stores: Stores, role: Role, { email, password_hash, ...rest }: Hashed, now: string) {
  const user = await stores.users.addNew({
    email,
    full_name: rest.full_name ?? null,
    role,
    is_active: true,
    password_hash,
    language: rest.language ?? "uz",
    level: rest.level ?? null,
    avatar_id: null,
    created_at: now,
    updated_at: now,
  });
  if (!user) throw new AppError("email_taken");
  return user;
}

export const signUp = (ports: Making) => (draft: Draft) => addUser(ports, "user", draft);

export const createUser =
  (ports: Making) =>
  async (actor: Actor, { role = "user", ...draft }: Draft & { role?: Role | undefined }): Promise<User> => {
    if (!mayManage(actor, role)) throw new AppError("forbidden");
    return addUser(ports, role, draft, actor);
  };

/** For whoever is at the machine: any role. */
export const createByHand = (ports: Making) => (role: Role, draft: Draft) => addUser(ports, role, draft, null);

type OwnChanges = Pick<Changes<User>, "full_name" | "email" | "language" | "level">;

export const changeMe =
  ({ atomically, clock }: Pick<Ports, "atomically" | "clock">) =>
  (caller: Caller, { email, ...changes }: OwnChanges): Promise<User> =>
    atomically(async (stores) => {
      if (email !== undefined) await freeEmail(stores, emailOf(email), caller.id);
      const [user] = await stores.users.change(
        { id: caller.id },
        {
          ...changes,
          ...(email === undefined ? {} : { email: emailOf(email) }),
          updated_at: clock.now().toISOString(),
        },
      );
      if (!user) throw new AppError("not_found");
      return user;
    });

async function freeEmail(stores: Transaction, email: string, userId: number): Promise<void> {
  await stores.lock(`email ${email}`);
  const holder = await stores.users.findBy({ email });
  if (holder && holder.id !== userId) throw new AppError("email_taken");
}

type NewPassword = { current_password: string; new_password: string };

/** Every other sign-in of the user ends. */
export const changePassword =
  ({ users, passwords, atomically, clock }: Pick<Ports, "users" | "passwords" | "atomically" | "clock">) =>
  async (caller: Caller, { current_password, new_password }: NewPassword): Promise<void> => {
    const user = await users.find(caller.id);
    if (!user || !(await passwords.verify(current_password, user.password_hash))) throw new AppError("wrong_password");
    checkPassword(new_password, user.email);
    const password_hash = await passwords.hash(new_password);
    const at = clock.now();
    await atomically(async (stores) => {
      // Not over a reset that came meanwhile.
      const unchanged = { id: user.id, password_hash: user.password_hash };
      const [changed] = await stores.users.change(unchanged, { password_hash, updated_at: at.toISOString() });
      if (!changed) throw new AppError("wrong_password");
      await endSessions(stores, user.id, at, caller.session_id);
      await audit(stores, caller, "user.password", `user:${user.id}`, at);
    });
  };

/** A new password for a user who lost theirs; all their sign-ins end. `actor` is null for whoever is at the machine. */
export const resetPassword =
  ({ users, passwords, atomically, clock }: Pick<Ports, "users" | "passwords" | "atomically" | "clock">) =>
  async (actor: Actor | null, userId: number, password: string): Promise<void> => {
    const user = await users.find(userId);
    if (!user) throw new AppError("not_found");
    if (actor && !mayManage(actor, user.role)) throw new AppError("forbidden");
    checkPassword(password, user.email);
    const password_hash = await passwords.hash(password);
    const at = clock.now();
    await atomically(async (stores) => {
      await stores.lock(`user ${userId}`);
      const now = await stores.users.find(userId);
      if (!now) throw new AppError("not_found");
      if (actor && !mayManage(actor, now.role)) throw new AppError("forbidden");
      await stores.users.change({ id: userId }, { password_hash, updated_at: at.toISOString() });
      await endSessions(stores, userId, at);
      await audit(stores, actor, "user.password_reset", `user:${userId}`, at);
    });
  };

type AdminChanges = OwnChanges & { role?: Role | undefined; is_active?: boolean | undefined };

/** An admin changes a user; a new role and a deactivation end all the user's sign-ins. */
export const changeUser =
  ({ atomically, clock }: Pick<Ports, "atomically" | "clock">) =>
  (actor: Actor | null, userId: number, { email, ...changes }: AdminChanges): Promise<User> =>
    atomically(async (stores) => {
      const at = clock.now();
      await stores.lock(`user ${userId}`);
      const before = await stores.users.find(userId);
      if (!before) throw new AppError("not_found");
      const role = changes.role ?? before.role;
      if (actor && !(mayManage(actor, before.role) && mayManage(actor, role))) throw new AppError("forbidden");
      const isActive = changes.is_active ?? before.is_active;
      if (before.role === "superadmin" && !(role === "superadmin" && isActive)) await keepOneSuperadmin(stores, before);
      if (email !== undefined) await freeEmail(stores, emailOf(email), userId);
      const [user] = await stores.users.change(
        { id: userId },
        { ...changes, ...(email === undefined ? {} : { email: emailOf(email) }), updated_at: at.toISOString() },
      );
      if (!user) throw new AppError("not_found");
      if (user.role !== before.role || !user.is_active) await endSessions(stores, userId, at);
      await audit(stores, actor, "user.change", `user:${userId}`, at, { role: user.role, is_active: user.is_active });
      return user;
    });

async function keepOneSuperadmin(stores: Transaction, user: User): Promise<void> {
  await stores.lock("superadmins");
  const others = await stores.users.count({ role: "superadmin", is_active: true });
  if (user.is_active && others <= 1) throw new AppError("last_superadmin");
}

/** Deletes an account with all that is personal: hand-ins, recordings, notices. Courses stay, without a teacher. */
export const deleteUser =
  ({ atomically, clock, fileStore, log }: Pick<Ports, "atomically" | "clock" | "fileStore" | "log">) =>
  async (actor: Actor, userId: number): Promise<void> => {
    const keys = await atomically(async (stores) => {
      await stores.lock(`user ${userId}`);
      const user = await stores.users.find(userId);
      if (!user) throw new AppError("not_found");
      if (actor.id !== userId && !mayManage(actor, user.role)) throw new AppError("forbidden");
      if (user.role === "superadmin") await keepOneSuperadmin(stores, user);
      const files = await stores.files.remove({ owner_id: userId });
      await removeHandIns(stores, userId);
      for (const store of [stores.enrolments, stores.assignments, stores.notices, stores.answers])
        await store.remove({ user_id: userId });
      await stores.tickets.remove({ user_id: userId });
      const sessions = await stores.sessions.remove({ user_id: userId });
      if (sessions.length > 0) await stores.refreshTokens.remove({ session_id: { in: sessions.map(({ id }) => id) } });
      // Their courses and the grades they gave stay, without their name.
      await stores.users.remove({ id: userId });
      await audit(stores, actor, "user.delete", `user:${userId}`, clock.now(), { role: user.role });
      return files.map(({ key }) => key);
    });
    // After the commit: a row without a file would be a broken promise. What is left, `sweepFiles` finds.
    for (const key of keys)
      await fileStore.remove(key).catch((error) => log.error("a deleted user's file is still there", { key }, error));
  };

async function removeHandIns(stores: Stores, userId: number): Promise<void> {
  const gone = await stores.submissions.remove({ user_id: userId });
  const ids = gone.map(({ id }) => id);
  if (ids.length === 0) return;
  await stores.submissionEvents.remove({ submission_id: { in: ids } });
  await stores.grades.remove({ submission_id: { in: ids } });
  await stores.jobs.remove({ kind: "grade_submission", subject_id: { in: ids } });
}

/** A user as they may be read: oneself, or anyone by an admin. */
export const readUser =
  ({ users }: Pick<Ports, "users">) =>
  async (actor: Actor, userId: number): Promise<User> => {
    const user = actor.id === userId || holds(actor, "admin") ? await users.find(userId) : null;
    if (!user) throw new AppError("not_found");
    return user;
  };

/** Makes the first superuser where there is none; null where there is one. */
export const ensureSuperuser =
  (ports: Pick<Ports, "users" | "passwords" | "clock">) =>
  async (email: string, password: string): Promise<User | null> => {
    if (await ports.users.findBy({ role: "superadmin" })) return null;
    const address = emailOf(email);
    const now = ports.clock.now().toISOString();
    // The guide's own `changethis` is allowed here, since settings that allow it name it.
    return ports.users.addNew({
      email: address,
      full_name: null,
      role: "superadmin",
      is_active: true,
      password_hash: await ports.passwords.hash(password),
      language: "uz",
      level: null,
      avatar_id: null,
      created_at: now,
      updated_at: now,
    });
  };
