import { useProtected } from '@countersign/react';
import type { MemberItem, MemberMfa, Receipt } from '@countersign/server/contract';
import { useState } from 'react';
import { requireMfa } from '../api-administration.ts';

type RuleChange = { readonly id: string } & MemberMfa;

export interface MemberRule {
  /** Whose rule is being chosen; null when nobody's. */
  readonly member: MemberItem | null;
  ask(member: MemberItem): void;
  cancel(): void;
  save(params: RuleChange): Promise<void>;
}

/** Choosing what one member must sign in with, and saving it. */
export function useRule(onDone: (receipt: Receipt, id: string) => void): MemberRule {
  const [member, setMember] = useState<MemberItem | null>(null);
  const done = (receipt: Receipt, { id }: { readonly id: string }) => {
    onDone(receipt, id);
    setMember(null);
  };
  const require = useProtected('member.require-mfa', requireMfa, { onResumed: done });
  return {
    member,
    ask: setMember,
    cancel: () => setMember(null),
    save: async (params) => done(await require(params), params),
  };
}
