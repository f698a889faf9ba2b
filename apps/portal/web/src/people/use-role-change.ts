import { CountersignError, isCancelled, useProtected } from '@countersign/react';
import type { MemberItem, Receipt } from '@countersign/server/contract';
import { useState } from 'react';
import { changeRole, type Role } from '../api-administration.ts';
import { useAction } from '../use-action.ts';

interface RoleChange {
  readonly id: string;
  readonly role: Role;
}

/** Giving members another role, one at a time. */
export function useRoleChange(options: {
  readonly onDone: (receipt: Receipt, change: RoleChange) => void;
  readonly onRefused: () => void;
}) {
  const { onDone, onRefused } = options;
  const [changing, setChanging] = useState<string | null>(null);
  const [refused, setRefused] = useState<Role | null>(null);
  const change = useProtected('member.change-role', changeRole, { onResumed: onDone });
  const action = useAction(async (member: MemberItem, role: Role) => {
    setChanging(member.id);
    try {
      const params = { id: member.id, role };
      onDone(await change(params), params);
    } catch (cause) {
      setRefused(role);
      if (cause instanceof CountersignError && !isCancelled(cause)) onRefused();
      throw cause;
    } finally {
      setChanging(null);
    }
  });
  return { changing, refused, error: action.error, run: action.run };
}
