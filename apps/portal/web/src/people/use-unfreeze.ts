import { CountersignError, isCancelled, useProtected } from '@countersign/react';
import type { Receipt } from '@countersign/server/contract';
import { useState } from 'react';
import { unfreezeMember } from '../api-administration.ts';
import { useAction } from '../use-action.ts';

/** Letting a frozen member in again, one at a time. */
export function useUnfreeze(options: {
  readonly onDone: (receipt: Receipt, id: string) => void;
  readonly onRefused: () => void;
}) {
  const { onDone, onRefused } = options;
  const [unfreezing, setUnfreezing] = useState<string | null>(null);
  const unfreeze = useProtected('member.unfreeze', unfreezeMember, {
    onResumed: (receipt: Receipt, { id }: { readonly id: string }) => onDone(receipt, id),
  });
  const action = useAction(async (id: string) => {
    setUnfreezing(id);
    try {
      onDone(await unfreeze({ id }), id);
    } catch (cause) {
      if (cause instanceof CountersignError && !isCancelled(cause)) onRefused();
      throw cause;
    } finally {
      setUnfreezing(null);
    }
  });
  return { unfreezing, error: action.error, run: action.run };
}
