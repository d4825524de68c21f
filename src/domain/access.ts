export const ROLES = ["user", "premium", "teacher", "admin", "superadmin"] as const;
export type Role = (typeof ROLES)[number];

/** Who is calling, as the stored user says now. */
export type Actor = { readonly id: number; readonly role: Role };

const RANK: Record<Role, number> = { user: 0, premium: 1, teacher: 2, admin: 3, superadmin: 4 };

/** True when the actor holds the role or one above it. */
export function holds(actor: Actor, role: Role): boolean {
  return RANK[actor.role] >= RANK[role];
}

/** Admins and their likes are made and changed by a superadmin alone; everybody below by any admin. */
export function mayManage(actor: Actor, role: Role): boolean {
  return holds(actor, "superadmin") || (holds(actor, "admin") && RANK[role] < RANK.admin);
}
