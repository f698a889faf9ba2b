import { useProtected } from '@countersign/react';
import type { MemberItem, Receipt } from '@countersign/server/contract';
import { removeMember } from '../api-administration.ts';
import { useAction } from '../use-action.ts';

/** Taking a member out of the organisation. */
export function useRemoval(onDone: (receipt: Receipt, id: string) => void) {
  const remove = useProtected('member.remove', removeMember, {
    onResumed: (receipt: Receipt, { id }: { readonly id: string }) => onDone(receipt, id),
  });
  return useAction(async ({ id }: MemberItem) => onDone(await remove({ id }), id));
}
